import type { UserId } from '@tally/protocol'
import type { LocalDevices } from '../bus/local-devices.ts'
import type { SignIn } from '../core/sign-in.ts'

export type DevicesSeenOptions = {
  /** Those who are connected: they are seen as long as they are. */
  connected: Pick<LocalDevices, 'signIns'>
  write: (seen: readonly Seen[]) => Promise<void>
  /** Monotonic milliseconds. */
  nowMs: () => number
}

type Seen = { userId: UserId; signIn: SignIn }

const MS_PER_HOUR = 3_600_000
const MOST_REMEMBERED = 50_000
/** While the database is away; who comes beyond that is noted the next time. */
const MOST_WAITING = 50_000
/** What one statement writes. */
const BATCH = 500

/**
 * When devices were seen, to the hour: whoever connects is only noted, and written with many others a while later. So
 * thousands who come back at once cost a few statements behind their backs, and none on their way.
 */
export class DevicesSeen {
  readonly #options: DevicesSeenOptions
  /** When each was noted last, the longest ago first. */
  readonly #notedAtMs = new Map<SignIn, number>()
  #waiting: Seen[] = []

  constructor(options: DevicesSeenOptions) {
    this.#options = options
  }

  /** Somebody proved who they are with a token of this sign-in. */
  note(seen: Seen): void {
    const nowMs = this.#options.nowMs()
    const notedAtMs = this.#notedAtMs.get(seen.signIn)
    if (notedAtMs !== undefined && nowMs - notedAtMs < MS_PER_HOUR) return
    if (this.#waiting.length >= MOST_WAITING) return
    this.#notedAtMs.delete(seen.signIn)
    this.#notedAtMs.set(seen.signIn, nowMs)
    this.#waiting.push(seen)
    if (this.#notedAtMs.size <= MOST_REMEMBERED) return
    const [oldest] = this.#notedAtMs.keys()
    if (oldest !== undefined) this.#notedAtMs.delete(oldest)
  }

  /** Writes what was noted. @throws RequestError `storage_unavailable`; what was not written waits for the next time. */
  async flush(): Promise<void> {
    for (const seen of this.#options.connected.signIns()) this.note(seen)
    while (this.#waiting.length > 0) {
      const some = this.#waiting.slice(0, BATCH)
      await this.#options.write(some)
      // Others were noted meanwhile.
      this.#waiting.splice(0, some.length)
    }
  }
}
