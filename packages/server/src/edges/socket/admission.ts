export type AdmissionOptions = {
  /** Connections this node holds at most. */
  maxConnections: number
  /** Connections of one address, waiting ones included. */
  maxPerAddress: number
  /** New connections let in per second: a stampede is spread rather than felt by those who are here. */
  connectionsPerSecond: number
  /** How long a connection waits at most. Installed apps try 5 times in about 15 s and then stay dark. */
  maxWaitMs: number
  nowMs: () => number
}

export type Admitted = 'admitted' | 'too_many_of_address' | 'full'

/**
 * As many as so much time brings are let in at once. Each costs the node nearly a millisecond, in which nobody else is
 * served: a second's worth at once is what those who are here would feel.
 */
const BURST_MS = 20

type Waiting = { address: string; sinceMs: number; settle: (admitted: Admitted) => void }

/**
 * Lets connections in: a full or busy node makes them wait, first come first served, and refuses only what found no
 * place in time, or an address that already holds its share.
 */
export class Admission {
  readonly #options: AdmissionOptions
  readonly #perAddress = new Map<string, number>()
  readonly #burst: number
  #queue: Waiting[] = []
  #open = 0
  /** Let in, handshake under way. */
  #entering = 0
  #tokens: number
  #refilledAtMs: number
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: AdmissionOptions) {
    this.#options = options
    this.#burst = Math.max(1, (options.connectionsPerSecond * BURST_MS) / 1_000)
    this.#tokens = this.#burst
    this.#refilledAtMs = options.nowMs()
  }

  /** Resolves when the connection may enter, or must not. */
  admit(address: string): Promise<Admitted> {
    if (this.#isClosed) return Promise.resolve('full')
    if ((this.#perAddress.get(address) ?? 0) >= this.#options.maxPerAddress) {
      return Promise.resolve('too_many_of_address')
    }
    this.#count(address, 1)
    const { promise, resolve } = Promise.withResolvers<Admitted>()
    const settle = (admitted: Admitted): void => {
      resolve(admitted)
      if (admitted === 'full') this.#count(address, -1)
      else this.#enter(address)
    }
    this.#queue.push({ address, sinceMs: this.#options.nowMs(), settle })
    this.#pump()
    return promise
  }

  /** A connection of this address is open. */
  opened(address: string): void {
    this.#open += 1
    this.#count(address, 1)
  }

  closed(address: string): void {
    this.#open -= 1
    this.#count(address, -1)
    this.#pump()
  }

  /** Lets nobody in any more, and nobody wait any longer. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    for (const { settle } of this.#queue.splice(0)) settle('full')
  }

  // A handshake opens or fails within the turn in which it was let in; until then it holds a place.
  #enter(address: string): void {
    this.#entering += 1
    setImmediate(() => {
      this.#entering -= 1
      this.#count(address, -1)
      this.#pump()
    })
  }

  #pump(): void {
    const { maxConnections, maxWaitMs, nowMs } = this.#options
    const now = nowMs()
    this.#refill(now)
    for (let [next] = this.#queue; next !== undefined; [next] = this.#queue) {
      const waitedLongEnough = now - next.sinceMs >= maxWaitMs
      const hasPlace = this.#open + this.#entering < maxConnections
      if (!waitedLongEnough && !(hasPlace && this.#tokens >= 1)) break
      this.#queue.shift()
      this.#tokens = Math.max(0, this.#tokens - 1)
      next.settle(hasPlace ? 'admitted' : 'full')
    }
    this.#schedule(now)
  }

  #refill(now: number): void {
    const { connectionsPerSecond } = this.#options
    const gained = ((now - this.#refilledAtMs) / 1_000) * connectionsPerSecond
    this.#tokens = Math.min(this.#burst, this.#tokens + gained)
    this.#refilledAtMs = now
  }

  #schedule(now: number): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const [next] = this.#queue
    if (next === undefined) return
    const deadlineMs = next.sinceMs + this.#options.maxWaitMs - now
    const tokenMs = ((1 - this.#tokens) / this.#options.connectionsPerSecond) * 1_000
    // Without a token missing, a place is: then only a connection that closes, or the deadline, changes anything.
    const waitMs = tokenMs > 0 ? Math.min(tokenMs, deadlineMs) : deadlineMs
    this.#timer = setTimeout(() => this.#pump(), Math.max(1, Math.ceil(waitMs)))
  }

  #count(address: string, by: 1 | -1): void {
    const count = (this.#perAddress.get(address) ?? 0) + by
    if (count > 0) this.#perAddress.set(address, count)
    else this.#perAddress.delete(address)
  }
}
