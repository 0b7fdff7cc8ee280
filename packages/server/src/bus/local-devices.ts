import type { RoomId, UserId } from '@tally/protocol'
import { LazyMap } from '../core/lazy-map.ts'
import type { DeviceId } from '../core/ledger-step.ts'
import type { SignIn } from '../core/sign-in.ts'

/** A device that is connected to this node. */
export type LocalDevice = {
  readonly deviceId: DeviceId
  readonly userId: UserId
  /** What its token belongs to; a device that polls has none here, but in its requests. */
  readonly signIn: SignIn | undefined
  /** A hidden device shows nothing, so nothing counts as open on it. */
  visible: boolean
  /**
   * Rooms it joined and has not left, with the person's read epoch when they were opened. They count as open while the
   * device is visible; not yet while the epoch is `undefined`, because the database has not said it.
   */
  readonly rooms: LazyMap<RoomId, number | undefined>
  /**
   * Rooms it still shows although they were marked unread: messages of them arrive here, but they are not open. With the
   * read epoch of the mark.
   */
  readonly markedUnread: LazyMap<RoomId, number>
}

type NewDevice = { deviceId: DeviceId; userId: UserId; signIn?: SignIn | undefined }

/** How a wait for something of a person ended. */
type Woken = 'changed' | 'over' | 'ended'
type Waiter = Session & { resolve: (how: Woken) => void }

/** By what somebody waits: what the token belongs to, and when it was issued (ms since 1970). */
type Session = { readonly signIn?: SignIn | undefined; readonly issuedAtMs?: number | undefined }

/** Word that somebody's sessions ended: when it came (monotonic ms), and of which tokens; absent: of all there were then. */
type EndOfSessions = { readonly atMs: number; readonly issuedBeforeMs?: number | undefined }

/**
 * What this node holds: which devices of whom, and the rooms they have open. It vanishes with the node; the ledger's
 * leases are its shadow for the other nodes.
 */
export class LocalDevices {
  readonly #devices = new Map<DeviceId, LocalDevice>()
  /** Seldom more than one of a person: a list takes a quarter of the memory of a set. */
  readonly #byUser = new Map<UserId, readonly LocalDevice[]>()
  readonly #touched = new Map<UserId, { rev: number; atMs: number }>()
  readonly #toldRevs = new Map<UserId, number>()
  /** When word came that somebody's sessions ended; the longest ago first. */
  readonly #ends = new Map<UserId, EndOfSessions>()
  readonly #waiters = new Map<UserId, Set<Waiter>>()
  #isStopping = false

  connect({ deviceId, userId, signIn }: NewDevice): LocalDevice {
    const known = this.#devices.get(deviceId)
    if (known !== undefined) return known
    const device: LocalDevice = {
      deviceId,
      userId,
      signIn,
      visible: true,
      rooms: new LazyMap(),
      markedUnread: new LazyMap(),
    }
    this.#devices.set(deviceId, device)
    this.#byUser.set(userId, [...this.of(userId), device])
    return device
  }

  disconnect(deviceId: DeviceId): LocalDevice | undefined {
    const device = this.#devices.get(deviceId)
    if (device === undefined) return undefined
    this.#devices.delete(deviceId)
    const others = this.of(device.userId).filter((other) => other !== device)
    if (others.length > 0) {
      this.#byUser.set(device.userId, others)
    } else {
      this.#byUser.delete(device.userId)
      this.#touched.delete(device.userId)
      this.#toldRevs.delete(device.userId)
    }
    return device
  }

  get(deviceId: DeviceId): LocalDevice | undefined {
    return this.#devices.get(deviceId)
  }

  /** As they are at this moment: who comes or goes later changes nothing of the list. */
  of(userId: UserId): readonly LocalDevice[] {
    return this.#byUser.get(userId) ?? NONE
  }

  users(): IterableIterator<UserId> {
    return this.#byUser.keys()
  }

  /** What those who are connected signed in with. */
  *signIns(): Generator<{ userId: UserId; signIn: SignIn }> {
    for (const { userId, signIn } of this.#devices.values())
      if (signIn !== undefined) yield { userId, signIn }
  }

  has(userId: UserId): boolean {
    return this.#byUser.has(userId)
  }

  /** Word came that this person's sessions ended: whoever waits by one of them waits in vain. */
  sessionsEnded(userId: UserId, end: EndOfSessions): void {
    this.#ends.delete(userId)
    this.#ends.set(userId, end)
    for (const { issuedAtMs = 0, resolve } of this.#waiters.get(userId) ?? []) {
      if (end.issuedBeforeMs === undefined || issuedAtMs < end.issuedBeforeMs) resolve('ended')
    }
    for (const [known, { atMs }] of this.#ends) {
      if (end.atMs - atMs < REMEMBER_ENDED_MS) return
      this.#ends.delete(known)
    }
  }

  /** The last such word, within a minute. */
  endOfSessions(userId: UserId): EndOfSessions | undefined {
    return this.#ends.get(userId)
  }

  /** Up to which rev it is certain that this person's devices were told of every room. */
  touchedRev(userId: UserId): number | undefined {
    return this.#touched.get(userId)?.rev
  }

  /** Since when something may have changed of which they were not told, in monotonic milliseconds. */
  touchedAtMs(userId: UserId): number {
    return this.#touched.get(userId)?.atMs ?? Number.NEGATIVE_INFINITY
  }

  /** @param atMs a moment before the ledger was asked for this rev. */
  touched(userId: UserId, rev: number, atMs: number): void {
    if (this.has(userId)) this.#touched.set(userId, { rev, atMs })
  }

  /** What changed after this rev was told without its rows: the next touch tells it again. */
  untouched(userId: UserId, rev: number): void {
    const touchedRev = this.touchedRev(userId)
    if (touchedRev !== undefined && rev < touchedRev) this.touched(userId, rev, Number.NEGATIVE_INFINITY)
  }

  /** The highest rev that came by for this person's devices: of a lower one they take no notice. */
  toldRev(userId: UserId): number {
    return this.#toldRevs.get(userId) ?? 0
  }

  told(userId: UserId, rev: number): void {
    if (this.has(userId) && rev > this.toldRev(userId)) this.#toldRevs.set(userId, rev)
  }

  /**
   * `changed` when something of this person may have moved; `over` when the signal or the node ends the waiting;
   * `ended` when the person's sessions were ended meanwhile, or the one that waits.
   */
  waitForChange(
    { userId, signIn, issuedAtMs }: Session & { userId: UserId },
    signal: AbortSignal,
  ): Promise<Woken> {
    if (signal.aborted || this.#isStopping) return Promise.resolve('over')
    const { promise, resolve } = Promise.withResolvers<Woken>()
    const waiters = this.#waiters.get(userId) ?? new Set()
    const waiter = { signIn, issuedAtMs, resolve }
    this.#waiters.set(userId, waiters)
    waiters.add(waiter)
    const end = (): void => resolve('over')
    signal.addEventListener('abort', end, { once: true })
    return promise.finally(() => {
      signal.removeEventListener('abort', end)
      waiters.delete(waiter)
      if (waiters.size === 0 && this.#waiters.get(userId) === waiters) this.#waiters.delete(userId)
    })
  }

  /** How many wait for this person's changes. */
  waitingFor(userId: UserId): number {
    return this.#waiters.get(userId)?.size ?? 0
  }

  /** Nobody waits any longer, and nobody begins to: the node is about to stop. */
  stopWaiting(): void {
    this.#isStopping = true
    for (const waiters of [...this.#waiters.values()]) for (const { resolve } of waiters) resolve('over')
  }

  /** Whoever waits looks again: what was to wake them may have got lost. */
  wakeAll(): void {
    for (const userId of [...this.#waiters.keys()]) this.wake(userId)
  }

  /** Wakes everyone who waits for this person's changes. */
  wake(userId: UserId): void {
    for (const { resolve } of this.#waiters.get(userId) ?? []) resolve('changed')
  }

  /** These sign-ins of a person ended: whoever waits with one of them waits in vain. */
  endSignIns(userId: UserId, signIns: readonly SignIn[]): void {
    for (const { signIn, resolve } of this.#waiters.get(userId) ?? []) {
      if (signIn !== undefined && signIns.includes(signIn)) resolve('ended')
    }
  }
}

const REMEMBER_ENDED_MS = 60_000
const NONE: readonly LocalDevice[] = []
