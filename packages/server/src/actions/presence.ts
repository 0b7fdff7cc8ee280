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
 * Who is here. The others are told when a person's first device comes and some time after the last one went, and every
 * device that comes is told who of them is here; several changes share one query, beside everything that a badge waits
 * for.
 */
export class Presence {
  readonly #options: PresenceOptions
  /** What the others were last told: absent means away. */
  readonly #announced = new Set<UserId>()
  readonly #lastSeenAtMs = new Map<UserId, number>()
  readonly #leaving = new Map<UserId, NodeJS.Timeout>()
  /** People who came or went. */
  readonly #moved = new Set<UserId>()
  /** People with a new device, which knows of nobody yet. */
  readonly #asking = new Set<UserId>()
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: PresenceOptions) {
    this.#options = options
  }

  connected(userId: UserId): void {
    clearTimeout(this.#leaving.get(userId))
    this.#leaving.delete(userId)
    this.#moved.add(userId)
    this.#asking.add(userId)
    this.#tellIn(ANNOUNCE_AFTER_MS)
  }

  disconnected(userId: UserId): void {
    if (this.#options.devices.has(userId) || this.#leaving.has(userId)) return
    this.#remember(userId)
    const timer = setTimeout(() => {
      this.#leaving.delete(userId)
      this.#moved.add(userId)
      this.#tellIn(ANNOUNCE_AFTER_MS)
    }, this.#options.graceMs)
    this.#leaving.set(userId, timer)
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    for (const timer of this.#leaving.values()) clearTimeout(timer)
    this.#leaving.clear()
  }

  #tellIn(delayMs: number): void {
    if (this.#isClosed) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.#tell()
    }, delayMs)
  }

  async #tell(): Promise<void> {
    const { devices, bus, peersOf, onError } = this.#options
    // Who went is always news, even when nobody heard that they were here: since when is new.
    const moved = [...this.#moved].filter((userId) => !this.#isHere(userId) || !this.#announced.has(userId))
    const asking = [...this.#asking].filter((userId) => devices.has(userId))
    this.#moved.clear()
    this.#asking.clear()
    if (moved.length === 0 && asking.length === 0) return
    let peers: ReadonlyMap<UserId, readonly UserId[]>
    try {
      peers = await peersOf([...new Set([...moved, ...asking])])
    } catch (error) {
      onError(error)
      for (const userId of moved) this.#moved.add(userId)
      for (const userId of asking) this.#asking.add(userId)
      this.#tellIn(RETRY_AFTER_MS)
      return
    }
    // By who is told and about whom: of two that come at once each is told once.
    const frames = new Map<string, Frame>()
    const tell = (to: UserId, about: UserId) => frames.set(`${to}\n${about}`, this.#frame(to, about))
    for (const userId of moved) {
      if (this.#isHere(userId)) this.#announced.add(userId)
      else this.#announced.delete(userId)
      for (const peer of peers.get(userId) ?? []) tell(peer, userId)
    }
    for (const userId of asking) {
      for (const peer of peers.get(userId) ?? []) {
        if (this.#isHere(peer) || this.#lastSeenAtMs.has(peer)) tell(userId, peer)
      }
    }
    bus.send('all', [...frames.values()])
  }

  /** Somebody who may be back in a moment has not gone yet, for whoever asks too. */
  #isHere(userId: UserId): boolean {
    return this.#options.devices.has(userId) || this.#leaving.has(userId)
  }

  /** Tells one person whether another is here, and when their last device went. */
  #frame(to: UserId, about: UserId): Frame {
    const online = this.#isHere(about)
    const lastSeenAtMs = this.#lastSeenAtMs.get(about)
    const lastSeenAt = online || lastSeenAtMs === undefined ? null : new Date(lastSeenAtMs).toISOString()
    return {
      kind: 'user-event',
      userId: to,
      event: 'presence',
      payload: { userId: about, online, lastSeenAt },
    }
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
const RETRY_AFTER_MS = 1_000
const MAX_REMEMBERED = 100_000
