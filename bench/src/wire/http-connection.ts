import { connect, type Socket } from 'node:net'

/** An answer as far as a load looks at it. */
export type HttpAnswer = { status: number; etag: string | undefined; body: string }

/**
 * One kept-alive connection that is asked one thing after the other, in order. It does no more than a load needs: the
 * server's answers have a length, and none is compressed.
 */
export class HttpConnection {
  readonly #host: string
  readonly #token: string
  readonly #port: number
  readonly #waiting: { resolve: (answer: HttpAnswer) => void; reject: (error: Error) => void }[] = []
  #socket: Socket | undefined
  #rest: Buffer = Buffer.alloc(0)

  constructor({ url, token }: { url: string; token: string }) {
    const { hostname, port } = new URL(url)
    this.#host = hostname
    this.#port = Number(port)
    this.#token = token
  }

  get(path: string, etag?: string): Promise<HttpAnswer> {
    const condition = etag === undefined ? '' : `If-None-Match: ${etag}\r\n`
    const head = `GET ${path} HTTP/1.1\r\nHost: ${this.#host}\r\nAuthorization: Bearer ${this.#token}\r\n${condition}\r\n`
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#open().write(head)
    })
  }

  close(): void {
    this.#socket?.destroy()
  }

  /** The server may have closed a connection that was not used for a while. */
  #open(): Socket {
    if (this.#socket !== undefined) return this.#socket
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true })
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#socket = undefined
      this.#rest = Buffer.alloc(0)
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('the server closed the connection'))
    })
    this.#socket = socket
    return socket
  }

  #read(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    for (;;) {
      const end = this.#rest.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = this.#rest.toString('latin1', 0, end)
      const status = Number(head.slice(9, 12))
      const length = status === 304 ? 0 : Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
      const from = end + 4
      if (this.#rest.length < from + length) return
      const body = this.#rest.toString('utf8', from, from + length)
      this.#rest = this.#rest.subarray(from + length)
      this.#waiting.shift()?.resolve({ status, etag: /^etag: (.+)$/im.exec(head)?.[1], body })
    }
  }
}
