import type { RoomId, UserId } from '@tally/protocol'
import type { Recipients } from '../store/read-recipients.ts'

export type MembersCacheOptions = {
  /** Who is in these rooms now, in one statement. */
  read: (roomIds: readonly RoomId[]) => Promise<ReadonlyMap<RoomId, Recipients>>
  /** Members to remember over all rooms; the least recently used rooms go first. */
  maxMembers: number
}

type Entry = Recipients & { set: ReadonlySet<UserId> }

/** Rooms that are asked for together. */
type Batch = {
  readonly roomIds: Set<RoomId>
  /** Those of them of which something was heard meanwhile: the answer may be older than that. */
  readonly forgotten: Set<RoomId>
  readonly found: Promise<ReadonlyMap<RoomId, Entry>>
}

/**
 * Who gets what happens in a room, remembered per node. An entry is good from its membership version on: every commit
 * answers the room's version, so a list that is too old shows itself and age never matters.
 */
export class MembersCache {
  readonly #options: MembersCacheOptions
  /** In order of use, the least recent first. */
  readonly #rooms = new Map<RoomId, Entry>()
  #members = 0
  #batch: Batch | undefined
  readonly #underWay = new Set<Batch>()

  constructor(options: MembersCacheOptions) {
    this.#options = options
  }

  /**
   * The present members as of this membership version or a later one, at once when they are known. A later version
   * serves as well: who left meanwhile needs nothing any more, and who came has it in the snapshot of the join.
   */
  recipients(roomId: RoomId, membership: number): readonly UserId[] | Promise<readonly UserId[]> {
    const known = this.#use(roomId)
    if (known !== undefined && known.membership >= membership) return known.userIds
    return this.#read(roomId).then((entry) => entry?.userIds ?? [])
  }

  /** The members as this node last heard of them, without asking anybody; `undefined` when it never did. */
  known(roomId: RoomId): readonly UserId[] | undefined {
    return this.#use(roomId)?.userIds
  }

  /** Whether this node heard that somebody is in a room; where it did not, nothing is said by that. */
  knows(roomId: RoomId, userId: UserId): boolean {
    return this.#use(roomId)?.set.has(userId) ?? false
  }

  /** Whether somebody is in a room, as far as this node has heard; a no is always looked up. */
  async isMember(roomId: RoomId, userId: UserId): Promise<boolean> {
    if (this.knows(roomId, userId)) return true
    return (await this.#read(roomId))?.set.has(userId) ?? false
  }

  /** A membership ended or began somewhere: the next question is looked up. */
  forget(roomId: RoomId): void {
    for (const { roomIds, forgotten } of this.#underWay) if (roomIds.has(roomId)) forgotten.add(roomId)
    this.#drop(roomId)
  }

  /** Something was not heard. */
  clear(): void {
    for (const { roomIds, forgotten } of this.#underWay) for (const roomId of roomIds) forgotten.add(roomId)
    this.#rooms.clear()
    this.#members = 0
  }

  #drop(roomId: RoomId): void {
    const known = this.#rooms.get(roomId)
    if (known === undefined) return
    this.#rooms.delete(roomId)
    this.#members -= known.userIds.length
  }

  #use(roomId: RoomId): Entry | undefined {
    const known = this.#rooms.get(roomId)
    if (known === undefined) return undefined
    this.#rooms.delete(roomId)
    this.#rooms.set(roomId, known)
    return known
  }

  async #read(roomId: RoomId): Promise<Entry | undefined> {
    return (await this.#joinBatch(roomId).found).get(roomId)
  }

  /** Rooms asked for in one tick share one statement, which begins after all of them asked. */
  #joinBatch(roomId: RoomId): Batch {
    this.#batch ??= this.#newBatch()
    this.#batch.roomIds.add(roomId)
    return this.#batch
  }

  #newBatch(): Batch {
    const [roomIds, forgotten] = [new Set<RoomId>(), new Set<RoomId>()]
    const find = async () => {
      this.#batch = undefined
      this.#underWay.add(batch)
      try {
        const found = new Map<RoomId, Entry>()
        for (const [roomId, recipients] of await this.#options.read([...roomIds])) {
          found.set(roomId, forgotten.has(roomId) ? entryOf(recipients) : this.#remember(roomId, recipients))
        }
        return found
      } finally {
        // In the turn of the answer: what is heard from now on finds it remembered.
        this.#underWay.delete(batch)
      }
    }
    // In the next turn: everything that is asked for in this one is in it.
    const batch: Batch = { roomIds, forgotten, found: Promise.resolve().then(find) }
    return batch
  }

  /** @returns what is known of the room now: this, or what is newer. */
  #remember(roomId: RoomId, recipients: Recipients): Entry {
    const known = this.#rooms.get(roomId)
    if (known !== undefined && known.membership >= recipients.membership) return known
    const entry = entryOf(recipients)
    this.#drop(roomId)
    this.#rooms.set(roomId, entry)
    this.#members += entry.userIds.length
    for (const oldest of this.#rooms.keys()) {
      if (this.#members <= this.#options.maxMembers || oldest === roomId) break
      this.#drop(oldest)
    }
    return entry
  }
}

function entryOf(recipients: Recipients): Entry {
  return { ...recipients, set: new Set(recipients.userIds) }
}
