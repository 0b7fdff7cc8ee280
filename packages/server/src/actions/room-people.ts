import type { ReadReceipt, RoomId, UserId } from '@tally/protocol'
import type { Frame } from '../bus/frames.ts'
import type { MembersOfRoom } from '../store/read-members.ts'

export type RoomPeopleOptions = {
  /** From the database. */
  read: (roomIds: readonly RoomId[]) => Promise<ReadonlyMap<RoomId, MembersOfRoom>>
  /** How long names are good where nobody says that one changed. */
  maxAgeMs: number
  /** Rooms to remember; those asked for longest ago go first. */
  maxRooms: number
  /** Monotonic milliseconds. */
  nowMs: () => number
}

/** A room as of a version of its membership. */
export type RoomAt = { readonly id: RoomId; readonly membership: number }

type Entry = {
  readonly membership: number
  readonly people: Promise<MembersOfRoom>
  readonly userIds: Set<UserId>
  readonly readAtMs: number
  /** How far people read since, or while it was looked up. */
  readonly reads: Map<UserId, number>
}

const NOBODY: MembersOfRoom = { members: [], presentCount: 0 }

/**
 * Who is in a room, with names and how far each has read, as rows of room lists show it: remembered for those who poll,
 * so that a hundred people who are told of one message cost one look at the members. Who is in a room is known by the
 * version of its membership, whatever was heard; that somebody read on, or has another name, all nodes say.
 */
export class RoomPeople {
  readonly #options: RoomPeopleOptions
  /** The one that was asked for longest ago first. */
  readonly #rooms = new Map<RoomId, Entry>()

  constructor(options: RoomPeopleOptions) {
    this.#options = options
  }

  /** The people of these rooms, at these versions or later ones. @throws when the database is away. */
  async of(rooms: readonly RoomAt[]): Promise<Map<RoomId, MembersOfRoom>> {
    const unknown = rooms.filter((room) => !this.#knows(room))
    if (unknown.length > 0) this.#look(unknown)
    const entries = rooms.flatMap(({ id }) => {
      const entry = this.#rooms.get(id)
      if (entry === undefined) return []
      this.#put(id, entry)
      return [{ id, entry }]
    })
    // Not before: what this very question asks for would be forgotten before it is answered.
    this.#forgetOldest()
    return new Map(
      await Promise.all(
        entries.map(async ({ id, entry }) => [id, withReads(await entry.people, entry.reads)] as const),
      ),
    )
  }

  hear(frame: Frame): void {
    if (frame.kind === 'profile-changed') this.#forgetPerson(frame.userId)
    if (frame.kind !== 'room-event' || frame.event !== 'read-receipt') return
    const { userId, readSeq } = frame.payload as ReadReceipt
    const reads = this.#rooms.get(frame.roomId)?.reads
    if (reads !== undefined) reads.set(userId, Math.max(readSeq, reads.get(userId) ?? 0))
  }

  /** What others said may have got lost. */
  clear(): void {
    this.#rooms.clear()
  }

  #knows({ id, membership }: RoomAt): boolean {
    const known = this.#rooms.get(id)
    const { nowMs, maxAgeMs } = this.#options
    return known !== undefined && known.membership >= membership && nowMs() - known.readAtMs < maxAgeMs
  }

  /** The versions were read before: who is found is at least as new as they say. */
  #look(rooms: readonly RoomAt[]): void {
    const { read, nowMs } = this.#options
    const found = read(rooms.map(({ id }) => id))
    for (const { id, membership } of rooms) {
      const people = found.then((all) => all.get(id) ?? NOBODY)
      const entry: Entry = { membership, people, userIds: new Set(), readAtMs: nowMs(), reads: new Map() }
      this.#put(id, entry)
      people.then(
        ({ members }) => {
          for (const { userId } of members) entry.userIds.add(userId)
        },
        () => {
          if (this.#rooms.get(id) === entry) this.#rooms.delete(id)
        },
      )
    }
  }

  #put(roomId: RoomId, entry: Entry): void {
    this.#rooms.delete(roomId)
    this.#rooms.set(roomId, entry)
  }

  #forgetOldest(): void {
    for (const oldest of this.#rooms.keys()) {
      if (this.#rooms.size <= this.#options.maxRooms) break
      this.#rooms.delete(oldest)
    }
  }

  /** Of rooms that are being looked up it is not known yet whether the person is in them. */
  #forgetPerson(userId: UserId): void {
    for (const [roomId, { userIds }] of this.#rooms) {
      if (userIds.size === 0 || userIds.has(userId)) this.#rooms.delete(roomId)
    }
  }
}

function withReads(people: MembersOfRoom, reads: ReadonlyMap<UserId, number>): MembersOfRoom {
  if (reads.size === 0) return people
  const members = people.members.map((member) => {
    const readSeq = reads.get(member.userId) ?? 0
    const deliveredSeq = Math.max(member.deliveredSeq, readSeq)
    return readSeq > member.readSeq ? { ...member, readSeq, deliveredSeq } : member
  })
  return { ...people, members }
}
