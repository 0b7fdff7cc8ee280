import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

type Pair = readonly [near: Socket, far: Socket]

/** The network between a client and a server: it can break, and it can fall silent without breaking. */
export class BreakableNetwork {
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  #isSilent = false

  private constructor(server: Server) {
    this.#server = server
  }

  /** A way to the server at this address. */
  static async to(target: string): Promise<BreakableNetwork> {
    const server = createServer()
    const network = new BreakableNetwork(server)
    const port = Number(new URL(target).port)
    server.on('connection', (near) => network.#carry(near, connect({ port, host: '127.0.0.1' })))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return network
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Every connection breaks; new ones may be made. */
  cut(): void {
    for (const [near, far] of this.#pairs) {
      near.resetAndDestroy()
      far.resetAndDestroy()
    }
  }

  /**
   * Nothing arrives any more on the connections there are, in either direction, and nobody is told; with `newToo`, on
   * those that are made from now on, too.
   */
  silence({ newToo = false } = {}): void {
    this.#isSilent = newToo
    for (const pair of this.#pairs) {
      for (const socket of pair) {
        socket.unpipe()
        socket.pause()
      }
    }
  }

  /** What was said in the silence arrives, and what is said from now on; with `newOnly`, on new connections alone. */
  speak({ newOnly = false } = {}): void {
    this.#isSilent = false
    if (newOnly) return
    for (const [near, far] of this.#pairs) {
      near.pipe(far)
      far.pipe(near)
    }
  }

  async close(): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #carry(near: Socket, far: Socket): void {
    const pair: Pair = [near, far]
    this.#pairs.add(pair)
    for (const [from, to] of [pair, [far, near] as const]) {
      from.setNoDelay(true)
      // A reset is what this is for, not a fault.
      from.on('error', () => {})
      from.on('close', () => {
        to.destroy()
        this.#pairs.delete(pair)
      })
      if (!this.#isSilent) from.pipe(to)
    }
  }
}
