import type { RoomId, UserId } from '@tally/protocol'
import type { Frame } from '../bus/frames.ts'
import type { Opened } from '../store/read-marked-unread.ts'

export type ReadEpochsOptions = {
  /** From the database; `undefined` for somebody who is not in the room. */
  read: (reader: Reader) => Promise<number | undefined>
  /** How many to remember; the least recently used go first. */
  max: number
  /** Monotonic milliseconds. */
  nowMs: () => number
}

type Reader = { readonly userId: UserId; readonly roomId: RoomId }

type Entry = {
  readonly reader: Reader
  readonly epoch: Promise<number | undefined>
  /** What the look-up found. */
  found?: number
  untilMs: number
  askedAtMs: number
}

/** Somebody who is in no such room may come into it, and nobody would say so here. */
const STRANGER_FOR_MS = 5_000
/** Whoever shows a room asks several times within this. */
const SHOWN_FOR_MS = 30_000

/**
 * At which read epoch people are in the rooms that their polling devices show, so that a poll need not ask the database.
 * All nodes hear when one rises or a membership ends; what they remember of it goes then. Word of that may get lost, so
 * what is `inUse` is doubted with every touch.
 */
export class ReadEpochs {
  readonly #options: ReadEpochsOptions
  /** In order of use, the least recent first. */
  readonly #epochs = new Map<string, Entry>()

  constructor(options: ReadEpochsOptions) {
    this.#options = options
  }

  /** One look-up at most: the same promise as long as what it says holds. @throws when the database is away. */
  of(reader: Reader): Promise<number | undefined> {
    const key = keyOf(reader)
    const known = this.#epochs.get(key)
    const entry =
      known !== undefined && known.untilMs > this.#options.nowMs() ? known : this.#read(key, reader)
    entry.askedAtMs = this.#options.nowMs()
    this.#epochs.delete(key)
    this.#epochs.set(key, entry)
    for (const oldest of this.#epochs.keys()) {
      if (this.#epochs.size <= this.#options.max) break
      this.#epochs.delete(oldest)
    }
    return entry.epoch
  }

  hear(frame: Frame): void {
    if (frame.kind === 'open-ended' || frame.kind === 'membership-ended') this.forget(frame)
  }

  /** What is remembered of people whose devices show the room now. */
  inUse(): Opened[] {
    const sinceMs = this.#options.nowMs() - SHOWN_FOR_MS
    return [...this.#epochs.values()].flatMap(({ reader, found, askedAtMs }) =>
      found === undefined || askedAtMs < sinceMs ? [] : [{ ...reader, readEpoch: found }],
    )
  }

  /** It may be another one by now. */
  forget(reader: Reader): void {
    this.#epochs.delete(keyOf(reader))
  }

  #read(key: string, { userId, roomId }: Reader): Entry {
    const { read, nowMs } = this.#options
    const reader = { userId, roomId }
    const untilMs = Number.POSITIVE_INFINITY
    const entry: Entry = { reader, epoch: read(reader), untilMs, askedAtMs: nowMs() }
    entry.epoch.then(
      (found) => {
        if (found === undefined) entry.untilMs = nowMs() + STRANGER_FOR_MS
        else entry.found = found
      },
      () => {
        if (this.#epochs.get(key) === entry) this.#epochs.delete(key)
      },
    )
    return entry
  }
}

// No id contains a line break.
function keyOf({ userId, roomId }: Reader): string {
  return `${userId}\n${roomId}`
}
