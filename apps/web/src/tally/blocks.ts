import type { Readable, Tally } from '@tally/client'
import type { Block, UserId } from '@tally/protocol'
import { onConnected } from './on-connected.ts'
import { perTally } from './per-tally.ts'

type Source = Pick<Tally, 'connection' | 'listBlocks' | 'block' | 'unblock'>

/**
 * Whom the person has blocked, the same for every part of the page that asks: `null` until the server has told. Asked for
 * when somebody begins to look, and again with every connection.
 */
export class Blocks implements Readable<ReadonlySet<UserId> | null> {
  readonly #tally: Source
  readonly #listeners = new Set<() => void>()
  #known: ReadonlySet<UserId> | null = null
  /** Rises with every question and every change. */
  #turn = 0
  #stopWaiting = () => {}

  constructor(tally: Source) {
    this.#tally = tally
  }

  readonly get = (): ReadonlySet<UserId> | null => this.#known

  readonly subscribe = (onChange: () => void): (() => void) => {
    const listener = () => onChange()
    if (this.#listeners.size === 0) {
      this.#stopWaiting = onConnected(this.#tally, () => this.#look())
      this.#look()
    }
    this.#listeners.add(listener)
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#stopWaiting()
    }
  }

  /** Asks the server. @throws RequestError */
  async list(): Promise<readonly Block[]> {
    const turn = ++this.#turn
    const blocks = await this.#tally.listBlocks()
    // What was asked for or done meanwhile is newer.
    if (turn === this.#turn) this.#learn(new Set(blocks.map(({ userId }) => userId)))
    return blocks
  }

  /** Blocks somebody, or takes it back. @throws RequestError */
  async set(userId: UserId, blocked: boolean): Promise<void> {
    await (blocked ? this.#tally.block(userId) : this.#tally.unblock(userId))
    this.#turn++
    if (this.#known === null) return this.#look()
    const next = new Set(this.#known)
    if (blocked) next.add(userId)
    else next.delete(userId)
    this.#learn(next)
  }

  #look(): void {
    // What could not be had is asked for again with the next connection.
    this.list().catch(() => {})
  }

  #learn(blocked: ReadonlySet<UserId>): void {
    this.#known = blocked
    for (const listener of this.#listeners) listener()
  }
}

/** Those of a client. */
export const blocksOf = perTally((tally) => new Blocks(tally))
