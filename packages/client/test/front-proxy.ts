import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** What becomes of a WebSocket's upgrade: it passes, is refused with 403 as by a company's proxy, or nobody answers it. */
export type Upgrades = 'pass' | 'refuse' | 'ignore'

/** Something between clients and their server that understands HTTP and has its own idea of WebSockets. */
export class FrontProxy {
  upgrades: Upgrades = 'pass'
  /** Paths at which nobody can be reached: whoever asks is cut off. */
  unreachable: RegExp | undefined
  /** Requests over plain HTTP that passed, as `GET /path 200`. */
  readonly passed: string[] = []
  readonly #server: Server
  readonly #sockets = new Set<Duplex>()

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(target: string): Promise<FrontProxy> {
    const server = createServer()
    const proxy = new FrontProxy(server)
    const { hostname, port } = new URL(target)
    server.on('request', (incoming, answer) => {
      const { method, url: path, headers } = incoming
      if (proxy.unreachable?.test(path ?? '') === true) {
        incoming.destroy()
        return
      }
      const outgoing = request({ hostname, port, method, path, headers }, (response) => {
        proxy.passed.push(`${method} ${path} ${response.statusCode}`)
        answer.writeHead(response.statusCode ?? 502, response.headers)
        response.pipe(answer)
      })
      outgoing.on('error', () => answer.destroy())
      answer.on('close', () => outgoing.destroy())
      incoming.pipe(outgoing)
    })
    server.on('upgrade', (incoming, socket, head) => {
      proxy.#remember(socket)
      if (proxy.unreachable?.test(incoming.url ?? '') === true) {
        socket.destroy()
        return
      }
      if (proxy.upgrades === 'ignore') return
      if (proxy.upgrades === 'refuse') {
        socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
        return
      }
      proxy.#pass(incoming, { socket, head, upstream: connect(Number(port), hostname) })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The WebSockets that are open break. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#sockets.clear()
  }

  async stop(): Promise<void> {
    this.cut()
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #pass(
    incoming: IncomingMessage,
    { socket, head, upstream }: { socket: Duplex; head: Buffer; upstream: Socket },
  ): void {
    const { method, url, rawHeaders } = incoming
    const lines = [`${method} ${url} HTTP/1.1`]
    for (let index = 0; index < rawHeaders.length; index += 2)
      lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`)
    this.#remember(upstream)
    upstream.write(`${lines.join('\r\n')}\r\n\r\n`)
    upstream.write(head)
    upstream.pipe(socket)
    socket.pipe(upstream)
    for (const end of [upstream, socket]) {
      end.on('error', () => {})
      end.on('close', () => {
        upstream.destroy()
        socket.destroy()
      })
    }
  }

  #remember(socket: Duplex): void {
    socket.on('error', () => {})
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
  }
}
