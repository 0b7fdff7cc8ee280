import { backOffMs } from './back-off.ts'
import type { CatchUp } from './catch-up.ts'
import type { Connection } from './connection.ts'
import { reportBug } from './report-bug.ts'
import type { RoomChannel } from './room-channel.ts'
import { Timer } from './timer.ts'

/** Frames may overtake each other, and rows their total, by this much without anything being lost. */
const GRACE_MS = 250

/** Over how long clients spread that ask because the server's ledger was rebuilt: it was for all of them at once. */
const REBUILT_SPREAD_MS = 5_000

export type RepairOptions = {
  catchUp: CatchUp
  connection: Connection
  /** Whether the rooms' numbers contradict the badge. */
  doRowsDisagree: () => boolean
  random: () => number
}

/** Fetches what a live connection lost: frames between a server's nodes are delivered at most once. */
export class Repair {
  readonly #options: RepairOptions
  readonly #channels = new Set<RoomChannel>()
  readonly #timer = new Timer()
  #isUnderWay = false
  #failures = 0

  constructor(options: RepairOptions) {
    this.#options = options
  }

  /** The room's log misses something: unless it comes by itself within a moment, it is fetched. */
  noteRoom(channel: RoomChannel): void {
    this.#channels.add(channel)
    this.#schedule()
  }

  /** The badge changed, or a room's row: unless they agree within a moment, a frame was lost. */
  noteNumbers(): void {
    const { connection, catchUp, doRowsDisagree, random } = this.#options
    if (this.#timer.isSet || !connection.isLive) return
    if (doRowsDisagree()) this.#schedule()
    else if (catchUp.isOutdated) this.#schedule(random() * REBUILT_SPREAD_MS)
  }

  /** The connection is gone; the next one catches up with everything anyway. */
  clear(): void {
    this.#timer.clear()
    this.#failures = 0
    this.#channels.clear()
  }

  #schedule(waitMs = 0): void {
    if (this.#timer.isSet || this.#isUnderWay) return
    // What was fetched and is missing still: the server cannot help right now, so it is asked less and less often.
    const { random } = this.#options
    const backOff = this.#failures === 0 ? 0 : backOffMs({ failures: this.#failures, random: random() })
    this.#timer.set(GRACE_MS + backOff + waitMs, () => this.#run().catch(reportBug))
  }

  async #run(): Promise<void> {
    const { connection, catchUp } = this.#options
    const channels = this.#behind()
    const rows = this.#doubtsRows
    this.#channels.clear()
    if (!connection.isLive || (channels.length === 0 && !rows)) {
      this.#failures = 0
      return
    }
    for (const channel of channels) this.#channels.add(channel)
    this.#isUnderWay = true
    try {
      // Where what changed did not help, everything is asked for.
      const extent = this.#failures === 0 ? 'changed' : 'all'
      await catchUp.repair(connection.provider(), { channels, rows: rows ? extent : 'none' })
    } finally {
      this.#isUnderWay = false
      const isWhole = this.#behind().length === 0 && !this.#doubtsRows
      this.#failures = isWhole ? 0 : this.#failures + 1
      if (!isWhole && connection.isLive) this.#schedule()
    }
  }

  get #doubtsRows(): boolean {
    const { catchUp, doRowsDisagree } = this.#options
    return doRowsDisagree() || catchUp.isOutdated
  }

  #behind(): RoomChannel[] {
    return [...this.#channels].filter(({ isWatched, log }) => isWatched && log.isBehind)
  }
}
