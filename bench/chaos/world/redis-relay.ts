import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import type { Chance } from '../chance.ts'
import { RespSplitter } from './resp-splitter.ts'

/**
 * Stands between the nodes and their Redis, as a network does: loses what is published, is slow, or leads to another
 * server than before.
 */
export class RedisRelay {
  readonly #server: Server
  readonly #chance: Chance
  readonly #links = new Set<Socket>()
  #port: number
  /** The share of published frames that do not arrive. */
  lossShare = 0
  /** How much later every answer arrives, in ms. */
  delayMs = 0
  /** How many frames were lost. */
  lost = 0

  private constructor(port: number, chance: Chance) {
    this.#port = port
    this.#chance = chance
    this.#server = createServer({ noDelay: true }, (client) => this.#take(client))
  }

  static async open(port: number, chance: Chance): Promise<RedisRelay> {
    const relay = new RedisRelay(port, chance)
    relay.#server.listen(0, '127.0.0.1')
    await once(relay.#server, 'listening')
    return relay
  }

  get url(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the relay listens on no port')
    return `redis://127.0.0.1:${address.port}`
  }

  /** Leads to another server; whoever is connected has to connect anew. */
  leadTo(port: number): void {
    this.#port = port
    for (const link of this.#links) link.resetAndDestroy()
  }

  async close(): Promise<void> {
    for (const link of this.#links) link.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #take(client: Socket): void {
    this.#links.add(client)
    const upstream = connect({ port: this.#port, host: '127.0.0.1', noDelay: true })
    client.on('error', () => upstream.destroy())
    upstream.on('error', () => client.resetAndDestroy())
    client.on('close', () => {
      this.#links.delete(client)
      upstream.destroy()
    })
    upstream.on('close', () => client.destroy())
    client.pipe(upstream)
    upstream.pipe(this.#answers()).pipe(client)
  }

  /** What Redis says, value by value, in order: a published one may be lost, and all may be late. */
  #answers(): Transform {
    const splitter = new RespSplitter()
    // Timers of different lengths may fire out of turn: each lets out what has waited longest.
    const late: Buffer[] = []
    const stream = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        const kept = splitter.push(chunk).filter((value) => {
          const isLost = this.lossShare > 0 && isPublished(value) && this.#chance.is(this.lossShare)
          if (isLost) this.lost += 1
          return !isLost
        })
        const bytes = Buffer.concat(kept)
        if (this.delayMs === 0 && late.length === 0) return done(null, bytes)
        // Late, each by as much, not one after the other: the next may come in before this one went out.
        late.push(bytes)
        setTimeout(() => stream.push(late.shift()), this.delayMs)
        done()
      },
    })
    return stream
  }
}

/** A frame that somebody published (in either version of the protocol, on either kind of channel). */
function isPublished(value: Buffer): boolean {
  return /^[*>]3\r\n\$(7\r\n|8\r\ns)message\r\n/.test(value.subarray(0, 24).toString('latin1'))
}
