import type { UserId } from '@tally/protocol'
import type { Bus } from '../bus/bus.ts'
import type { Frame } from '../bus/frames.ts'
import type { LocalDevices } from '../bus/local-devices.ts'

export type PresenceOptions = {
  devices: LocalDevices
  bus: Bus
  /** The people who share a direct room with these: those who see whether they are here. */
  peersOf: (userIds: readonly UserId[]) => Promise<ReadonlyMap<UserId, readonly UserId[]>>
  now: () => number
  onError: (error: unknown) => void
  /** How long somebody may be gone before the others are told: a reconnect within it is no news. */
  graceMs: number
}

/**
 * Who is here. The others are told when a person's first device comes and some time after the last one went; several
 * changes share one query, beside everything that a badge waits for.
 */
export class Presence {
  readonly #options: PresenceOptions
  /** What the others were last told: absent means away. */
  readonly #announced = new Set<UserId>()
  readonly #lastSeenAtMs = new Map<UserId, number>()
  readonly #leaving = new Map<UserId, NodeJS.Timeout>()
  readonly #dirty = new Set<UserId>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: PresenceOptions) {
    this.#options = options
  }

  connected(userId: UserId): void {
    clearTimeout(this.#leaving.get(userId))
    this.#leaving.delete(userId)
    if (!this.#announced.has(userId)) this.#changed(userId)
  }

  disconnected(userId: UserId): void {
    if (this.#options.devices.has(userId) || this.#leaving.has(userId)) return
    this.#remember(userId)
    const timer = setTimeout(() => {
      this.#leaving.delete(userId)
      this.#changed(userId)
    }, this.#options.graceMs)
    this.#leaving.set(userId, timer)
  }

  /** Whether a device of this person is connected here, and when the last one went. */
  stateOf(userId: UserId): { online: boolean; lastSeenAt: string | null } {
    const online = this.#options.devices.has(userId)
    const lastSeenAtMs = this.#lastSeenAtMs.get(userId)
    return {
      online,
      lastSeenAt: online || lastSeenAtMs === undefined ? null : new Date(lastSeenAtMs).toISOString(),
    }
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const timer of this.#leaving.values()) clearTimeout(timer)
    this.#leaving.clear()
  }

  #changed(userId: UserId): void {
    this.#dirty.add(userId)
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.#announce().catch(this.#options.onError)
    }, ANNOUNCE_AFTER_MS)
  }

  async #announce(): Promise<void> {
    const { devices, bus, peersOf } = this.#options
    const moved = [...this.#dirty].filter((userId) => devices.has(userId) !== this.#announced.has(userId))
    this.#dirty.clear()
    if (moved.length === 0) return
    const peers = await peersOf(moved)
    const frames: Frame[] = []
    for (const userId of moved) {
      const { online, lastSeenAt } = this.stateOf(userId)
      if (online) this.#announced.add(userId)
      else this.#announced.delete(userId)
      for (const peer of peers.get(userId) ?? []) {
        frames.push({
          kind: 'user-event',
          userId: peer,
          event: 'presence',
          payload: { userId, online, lastSeenAt },
        })
      }
    }
    bus.send('all', frames)
  }

  #remember(userId: UserId): void {
    this.#lastSeenAtMs.delete(userId)
    this.#lastSeenAtMs.set(userId, this.#options.now())
    if (this.#lastSeenAtMs.size <= MAX_REMEMBERED) return
    const [oldest] = this.#lastSeenAtMs.keys()
    if (oldest !== undefined) this.#lastSeenAtMs.delete(oldest)
  }
}

/** Changes within this time share a query. */
const ANNOUNCE_AFTER_MS = 100
const MAX_REMEMBERED = 100_000
