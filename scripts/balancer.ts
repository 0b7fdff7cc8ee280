import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** One server behind the balancer. */
export type Target = { readonly port: number }

const HEALTH_INTERVAL_MS = 250
const HEALTH_DEADLINE_MS = 1_000

/**
 * Shares TCP connections out among servers in turn, without stickiness: what comes on a second connection comes to
 * another server. One that is not ready gets no new connections; those it has are left alone.
 */
export class Balancer {
  readonly #server: Server
  readonly #links = new Set<Socket>()
  #targets: readonly Target[] = []
  readonly #unhealthy = new Set<Target>()
  #next = 0
  #timer: NodeJS.Timeout | undefined

  private constructor() {
    this.#server = createServer({ pauseOnConnect: true, noDelay: true }, (client) => this.#take(client))
  }

  static async open(): Promise<Balancer> {
    const balancer = new Balancer()
    balancer.#server.listen(0, '127.0.0.1')
    await once(balancer.#server, 'listening')
    balancer.#timer = setInterval(() => balancer.#probeAll(), HEALTH_INTERVAL_MS)
    return balancer
  }

  get url(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the balancer listens on no port')
    return `http://127.0.0.1:${address.port}`
  }

  /** From now on these are the servers. Connections to others are left alone. */
  setTargets(targets: readonly Target[]): void {
    this.#targets = targets
    for (const target of this.#unhealthy) if (!targets.includes(target)) this.#unhealthy.delete(target)
  }

  /** Every connection breaks at once. @returns how many there were. */
  cutAll(): number {
    const count = this.#links.size
    for (const link of this.#links) link.resetAndDestroy()
    return count
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.cutAll()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #take(client: Socket): void {
    this.#links.add(client)
    client.on('error', () => {})
    client.on('close', () => this.#links.delete(client))
    this.#tryNext(client, this.#inTurn())
  }

  /** The healthy ones in turn, and behind them the others: a wrong verdict must not make anybody unreachable. */
  #inTurn(): Target[] {
    const count = this.#targets.length
    const turn = this.#next++
    const rotated = this.#targets.map((_, index) => this.#targets[(turn + index) % count])
    const known = rotated.filter((target) => target !== undefined)
    const isWell = (target: Target): boolean => !this.#unhealthy.has(target)
    return [...known.filter(isWell), ...known.filter((target) => !isWell(target))]
  }

  #tryNext(client: Socket, [target, ...others]: readonly Target[]): void {
    if (target === undefined || client.destroyed) {
      client.destroy()
      return
    }
    const upstream = connect({ port: target.port, host: '127.0.0.1', noDelay: true })
    upstream.once('error', () => this.#tryNext(client, others))
    upstream.once('connect', () => {
      upstream.removeAllListeners('error')
      join(client, upstream)
    })
  }

  #probeAll(): void {
    for (const target of this.#targets) {
      isReady(target).then((ready) => {
        if (ready || !this.#targets.includes(target)) this.#unhealthy.delete(target)
        else this.#unhealthy.add(target)
      })
    }
  }
}

/** What comes on one goes out on the other, and the end of one is the end of both. */
function join(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => to.resetAndDestroy())
    from.on('close', () => to.destroy())
    from.pipe(to)
  }
  one.resume()
}

async function isReady({ port }: Target): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(HEALTH_DEADLINE_MS)
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal })
    await answer.arrayBuffer()
    return answer.ok
  } catch {
    return false
  }
}
