import type { Badge, WireBadge } from '@tally/protocol'
import { type Readable, writable } from './readable.ts'
import { NEVER, type RevClock } from './rev-clock.ts'

/** The one number: what the newest frame said, never computed here. */
export class BadgeStore {
  readonly #clock: RevClock
  readonly #value = writable<Badge | null>(null)
  #stamp = NEVER

  constructor(clock: RevClock) {
    this.#clock = clock
  }

  get value(): Readable<Badge | null> {
    return this.#value
  }

  /** @param generation of the clock when it was asked for; absent: it came by itself, now. */
  apply(badge: Badge, generation = this.#clock.generation): void {
    const stamp = this.#clock.stamp(badge.rev, generation)
    if (!this.#clock.replaces(stamp, this.#stamp)) return
    this.#stamp = stamp
    this.#value.set(badge)
  }

  applyWire({ totalUnreadCount, unreadRooms, notifications, rev }: WireBadge): void {
    this.apply({ total: totalUnreadCount, unreadRooms, notifications, rev })
  }
}
