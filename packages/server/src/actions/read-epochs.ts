import type { RoomId, UserId } from '@tally/protocol'
import type { Frame } from '../bus/frames.ts'

export type ReadEpochsOptions = {
  /** From the database; `undefined` for somebody who is not in the room. */
  read: (reader: { userId: UserId; roomId: RoomId }) => Promise<number | undefined>
  /** How many to remember; the least recently used go first. */
  max: number
  /** Monotonic milliseconds. */
  nowMs: () => number
}

type Entry = { readonly epoch: Promise<number | undefined>; untilMs: number }

/** Somebody who is in no such room may come into it, and nobody would say so here. */
const STRANGER_FOR_MS = 5_000

/**
 * At which read epoch people are in the rooms that their polling devices show, so that a poll need not ask the database.
 * All nodes hear when one rises or a membership ends; what they remember of it goes then.
 */
export class ReadEpochs {
  readonly #options: ReadEpochsOptions
  /** In order of use, the least recent first. */
  readonly #epochs = new Map<string, Entry>()

  constructor(options: ReadEpochsOptions) {
    this.#options = options
  }

  /** One look-up at most: the same promise as long as what it says holds. @throws when the database is away. */
  of(reader: { userId: UserId; roomId: RoomId }): Promise<number | undefined> {
    const key = keyOf(reader)
    const known = this.#epochs.get(key)
    const entry =
      known !== undefined && known.untilMs > this.#options.nowMs() ? known : this.#read(key, reader)
    this.#epochs.delete(key)
    this.#epochs.set(key, entry)
    for (const oldest of this.#epochs.keys()) {
      if (this.#epochs.size <= this.#options.max) break
      this.#epochs.delete(oldest)
    }
    return entry.epoch
  }

  hear(frame: Frame): void {
    if (frame.kind === 'open-ended' || frame.kind === 'membership-ended') this.#epochs.delete(keyOf(frame))
  }

  #read(key: string, reader: { userId: UserId; roomId: RoomId }): Entry {
    const { read, nowMs } = this.#options
    const entry: Entry = { epoch: read(reader), untilMs: Number.POSITIVE_INFINITY }
    entry.epoch.then(
      (found) => {
        if (found === undefined) entry.untilMs = nowMs() + STRANGER_FOR_MS
      },
      () => {
        if (this.#epochs.get(key) === entry) this.#epochs.delete(key)
      },
    )
    return entry
  }
}

// No id contains a line break.
function keyOf({ userId, roomId }: { userId: UserId; roomId: RoomId }): string {
  return `${userId}\n${roomId}`
}
