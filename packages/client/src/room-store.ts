import type {
  Badge,
  ChatRoomUpdated,
  MemberLeft,
  Message,
  ProfileChanged,
  Room,
  RoomId,
  RoomTombstone,
  UserId,
} from '@tally/protocol'
import { knownOrNew } from './known-or-new.ts'
import { type Derived, derived } from './readable.ts'
import type { RevClock, RevStamp } from './rev-clock.ts'
import {
  compareRows,
  mergeFrame,
  mergeLeft,
  mergeMessage,
  mergeProfile,
  mergeReading,
  mergeReceipt,
  mergeRoom,
  mergeUnread,
  type OwnReading,
  type Receipt,
  type RoomRow,
  type RoomState,
  rowOf,
} from './room-row.ts'

/** The rooms that are known, newest first. */
export type RoomList = {
  items: readonly RoomState[]
  /** A further page is on its way. */
  loading: boolean
  /** There are older ones that were not loaded. */
  hasMore: boolean
}

/** What of a room lives beside its row. */
export type LiveParts = {
  typingIn(roomId: RoomId): readonly UserId[]
  isAnybodyOnline(members: RoomState['members']): boolean
}

/** Told when the person's being in a room changes, as far as the rows know. */
export type MembershipListener = {
  onFound(roomId: RoomId): void
  onLeft(roomId: RoomId): void
}

/** The rows of rooms, as registers: each part of a row keeps the newest that was said of it. */
export class RoomStore {
  readonly list: Derived<RoomList>
  readonly #clock: RevClock
  readonly #live: LiveParts
  readonly #membership: MembershipListener
  readonly #rows = new Map<RoomId, RoomRow>()
  /** Rooms that were left, and as of when: a late frame must not bring one back. */
  readonly #left = new Map<RoomId, RevStamp>()
  readonly #states = new Map<RoomId, Derived<RoomState | undefined>>()
  #paging = { loading: false, hasMore: false }
  /** Whoever shows the list is told once, when all of it was applied. */
  #isApplying = false

  constructor(options: { clock: RevClock; live: LiveParts; membership: MembershipListener }) {
    this.#clock = options.clock
    this.#live = options.live
    this.#membership = options.membership
    this.list = derived(() => ({
      items: [...this.#rows.values()]
        .sort(compareRows)
        .flatMap(({ room }) => this.stateOf(room.id).get() ?? []),
      ...this.#paging,
    }))
  }

  has(roomId: RoomId): boolean {
    return this.#rows.has(roomId)
  }

  get size(): number {
    return this.#rows.size
  }

  row(roomId: RoomId): RoomRow | undefined {
    return this.#rows.get(roomId)
  }

  /** One room, always the same object. */
  stateOf(roomId: RoomId): Derived<RoomState | undefined> {
    const state = (): RoomState | undefined => {
      const room = this.#rows.get(roomId)?.room
      return (
        room && {
          ...room,
          typing: this.#live.typingIn(roomId),
          online: this.#live.isAnybodyOnline(room.members),
        }
      )
    }
    return knownOrNew(this.#states, roomId, () => derived(state))
  }

  setPaging(paging: { loading: boolean; hasMore: boolean }): void {
    if (paging.loading === this.#paging.loading && paging.hasMore === this.#paging.hasMore) return
    this.#paging = paging
    this.list.invalidate()
  }

  /** All of these rooms, as of `stamp`: the list is put in order once and not for each of them. */
  applyRooms(rooms: readonly (Room | RoomTombstone)[], stamp: RevStamp): void {
    this.#together(() => {
      for (const room of rooms) this.applyRoom(room, stamp)
    })
  }

  /** All of a room, as of `stamp`. */
  applyRoom(room: Room | RoomTombstone, stamp: RevStamp): void {
    if ('left' in room) {
      this.remove(room.id, stamp)
      return
    }
    const leftAt = this.#left.get(room.id)
    if (leftAt !== undefined && !this.#clock.replaces(stamp, leftAt)) return
    this.#left.delete(room.id)
    const known = this.#rows.get(room.id)
    this.#put(
      known === undefined ? rowOf(room, stamp) : mergeRoom(known, room, { stamp, clock: this.#clock }),
    )
  }

  /** @returns whether the room is known as it is now; otherwise the rest has to be fetched. */
  applyFrame(frame: ChatRoomUpdated, stamp: RevStamp): boolean {
    const { roomId } = frame
    const row = this.#rows.get(roomId)
    if (frame.left === true) {
      this.remove(roomId, stamp)
      return true
    }
    if (row === undefined) {
      const leftAt = this.#left.get(roomId)
      return leftAt !== undefined && !this.#clock.replaces(stamp, leftAt)
    }
    this.#put(mergeFrame(row, frame, { stamp, clock: this.#clock }))
    // Servers of before say neither.
    return (frame.facts_version ?? 0) <= (row.room.factsVersion ?? 0)
  }

  applyMessage(message: Message): void {
    this.#update(message.roomId, (row) => mergeMessage(row, message))
  }

  /**
   * The room counts as open on this very device: it shows nothing unread, and its row is not sent here until it is
   * closed, so this device has to say it itself.
   */
  applyOpen(roomId: RoomId): void {
    const stamp = this.#clock.stampOfRequest()
    this.#update(roomId, (row) => mergeUnread(row, 0, { stamp, clock: this.#clock }))
  }

  applyReading(roomId: RoomId, reading: OwnReading): void {
    this.#update(roomId, (row) => mergeReading(row, reading))
  }

  applyLeft(gone: MemberLeft): void {
    this.#update(gone.roomId, (row) => mergeLeft(row, gone))
  }

  applyProfile(profile: ProfileChanged): void {
    this.#together(() => {
      for (const row of this.#rows.values()) this.#put(mergeProfile(row, profile))
    })
  }

  applyReceipt(receipt: Receipt & { roomId: RoomId }): void {
    this.#update(receipt.roomId, (row) => mergeReceipt(row, receipt))
  }

  /** The caller is no longer in the room, as of `stamp`. */
  remove(roomId: RoomId, stamp: RevStamp): void {
    const row = this.#rows.get(roomId)
    if (row !== undefined && !this.#clock.replaces(stamp, row.toldAt)) return
    this.#left.set(roomId, stamp)
    this.forget(roomId)
    this.#membership.onLeft(roomId)
  }

  /** Rooms of which nothing was told at this stamp or later. */
  olderThan(stamp: RevStamp): RoomId[] {
    return [...this.#rows.values()]
      .filter(({ toldAt }) => !this.#clock.replaces(toldAt, stamp))
      .map(({ room }) => room.id)
  }

  /** Forgets a room: whether the person is in it is not known any more. */
  forget(roomId: RoomId): void {
    if (this.#rows.delete(roomId)) this.touch(roomId)
  }

  /**
   * Whether the rows contradict the badge: the rooms that are neither muted nor archived add up to the total, and what
   * is not loaded can only add to it.
   */
  disagreesWith(badge: Badge | null): boolean {
    if (badge?.total == null) return false
    let total = 0
    let unreadRooms = 0
    for (const { room } of this.#rows.values()) {
      const { unread, muted, archived } = room.me
      if (unread === 0 || muted || archived) continue
      total += unread
      unreadRooms++
    }
    if (this.#paging.hasMore) return total > badge.total || unreadRooms > badge.unreadRooms
    return total !== badge.total || unreadRooms !== badge.unreadRooms
  }

  /** Something beside the row changed: typing, presence. */
  touch(roomId: RoomId): void {
    this.stateOf(roomId).invalidate()
    if (!this.#isApplying) this.list.invalidate()
  }

  /** Something about a person changed: presence. */
  touchRoomsOf(userId: UserId): void {
    this.#together(() => {
      for (const { room } of this.#rows.values())
        if (room.members.some((member) => member.userId === userId)) this.touch(room.id)
    })
  }

  #together(apply: () => void): void {
    this.#isApplying = true
    try {
      apply()
    } finally {
      this.#isApplying = false
      this.list.invalidate()
    }
  }

  #update(roomId: RoomId, merge: (row: RoomRow) => RoomRow): void {
    const row = this.#rows.get(roomId)
    if (row !== undefined) this.#put(merge(row))
  }

  #put(row: RoomRow): void {
    const { id } = row.room
    const known = this.#rows.get(id)
    if (known === row) return
    this.#rows.set(id, row)
    this.touch(id)
    if (known === undefined) this.#membership.onFound(id)
  }
}
