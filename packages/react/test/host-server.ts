import { once } from 'node:events'
import { createServer } from 'node:http'

/** The host's own server: answers about its data, and counts how often it was asked. */
export class HostServer {
  readonly #asked = new Map<string, number>()
  readonly #answers = new Map<string, () => { status: number; body: unknown }>()
  readonly #server = createServer((request, response) => {
    const path = request.url ?? ''
    this.#asked.set(path, this.asked(path) + 1)
    const { status, body } = this.#answers.get(path)?.() ?? { status: 404, body: {} }
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(JSON.stringify(body))
  })

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return `http://127.0.0.1:${address.port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  answer(path: string, answer: () => { status: number; body: unknown }): void {
    this.#answers.set(path, answer)
    this.#asked.delete(path)
  }

  asked(path: string): number {
    return this.#asked.get(path) ?? 0
  }
}
