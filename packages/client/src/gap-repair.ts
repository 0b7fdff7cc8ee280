import { backOffMs } from './back-off.ts'
import type { CatchUp } from './catch-up.ts'
import type { Connection } from './connection.ts'
import type { RoomChannel } from './room-channel.ts'

/** Frames may overtake each other by this much without anything being lost. */
const GRACE_MS = 250

export type GapRepairOptions = {
  catchUp: CatchUp
  connection: Connection
  onError: (error: unknown) => void
  random: () => number
}

/** Fetches what a live connection lost: frames are delivered at most once. */
export class GapRepair {
  readonly #options: GapRepairOptions
  readonly #channels = new Set<RoomChannel>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #isUnderWay = false
  #failures = 0

  constructor(options: GapRepairOptions) {
    this.#options = options
  }

  /** The room's log misses something: unless it comes by itself within a moment, it is fetched. */
  note(channel: RoomChannel): void {
    this.#channels.add(channel)
    if (this.#timer !== undefined || this.#isUnderWay) return
    const backOff =
      this.#failures === 0 ? 0 : backOffMs({ failures: this.#failures, random: this.#options.random() })
    this.#timer = setTimeout(() => this.#run(), GRACE_MS + backOff)
  }

  /** The connection is gone; the next one catches up with everything anyway. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#failures = 0
    this.#channels.clear()
  }

  #run(): void {
    this.#timer = undefined
    const { connection, catchUp, onError } = this.#options
    const behind = [...this.#channels].filter(({ isWatched, log }) => isWatched && log.isBehind)
    this.#channels.clear()
    if (!connection.isLive || behind.length === 0) return
    this.#isUnderWay = true
    catchUp
      .repair(connection.provider(), behind)
      .catch(onError)
      .finally(() => {
        this.#isUnderWay = false
        const still = [...this.#channels, ...behind].filter(({ isWatched, log }) => isWatched && log.isBehind)
        // Fetched and still missing: the server cannot help right now, so it is asked less and less often.
        this.#failures = still.length === 0 ? 0 : this.#failures + 1
        if (connection.isLive) for (const channel of still) this.note(channel)
      })
  }
}
