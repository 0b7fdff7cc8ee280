import type { Change, HostRoom, Me, Member, ReadEpoch, Room, RoomId, Seq, UserId } from '@tally/protocol'
import type { LedgerRoom } from '../core/ledger-step.ts'
import { isPairKey } from '../core/room-keys.ts'
import { type MemberOfRoom, type MembersOfRoom, readMembersOfRooms } from '../store/read-members.ts'
import type { OwnRoomRecord, RoomRecord } from '../store/read-rooms.ts'
import type { ActionContext } from './context.ts'
import { toMessage } from './message-view.ts'

/** What the ledger says of a person's rooms: every count on a wire is `shown`, never a difference made here. */
export type ShownRooms = ReadonlyMap<RoomId, LedgerRoom>

export function shownRooms(rooms: readonly LedgerRoom[]): ShownRooms {
  return new Map(rooms.map((room) => [room.roomId, room]))
}

/** Finds who is in rooms. */
type PeopleOf = (records: readonly RoomRecord[]) => Promise<ReadonlyMap<RoomId, MembersOfRoom>>

export type RoomViews = {
  viewerId: UserId
  records: readonly OwnRoomRecord[]
  shown: ShownRooms
  /** Who is in them; as the database has it now, unless given. */
  people?: PeopleOf
}

/**
 * Rooms as one of their members sees them, in the order given, with the members' names in one more statement. A large
 * group shows its first members, those who are there before those who left; `memberCount` says how many are there.
 */
export async function roomViews(
  ctx: ActionContext,
  { viewerId, records, shown, people = peopleNow(ctx) }: RoomViews,
): Promise<Room[]> {
  const members = await membersOf(ctx, records, people)
  return records.map((record) => ({
    ...roomFields(record, viewerId),
    ...members(record.id),
    me: meView(record, shown.get(record.id)),
  }))
}

/** A room as the host's backend sees it. */
export async function hostRoomView(ctx: ActionContext, record: RoomRecord): Promise<HostRoom> {
  const members = await membersOf(ctx, [record], peopleNow(ctx))
  return { ...roomFields(record, null), ...members(record.id) }
}

/** What devices have is stored some seconds after it was told: until then this node heard it. */
export function memberView(ctx: ActionContext, roomId: RoomId, member: MemberOfRoom): Member {
  const { userId, name, image, userType, role, readSeq, left } = member
  const deliveredSeq = Math.max(member.deliveredSeq, ctx.signals.deliveredSeq(roomId, userId))
  return {
    userId,
    name,
    image,
    userType,
    role,
    readSeq: readSeq as Seq,
    deliveredSeq: deliveredSeq as Seq,
    left,
  }
}

function peopleNow({ db, limits }: ActionContext): PeopleOf {
  return (records) =>
    readMembersOfRooms(db, { roomIds: records.map(({ id }) => id), limit: limits.membersShown })
}

async function membersOf(ctx: ActionContext, records: readonly RoomRecord[], people: PeopleOf) {
  const byRoom = await people(records)
  return (roomId: RoomId): Pick<Room, 'members' | 'memberCount'> => {
    const { members = [], presentCount = 0 } = byRoom.get(roomId) ?? {}
    return { members: members.map((member) => memberView(ctx, roomId, member)), memberCount: presentCount }
  }
}

function roomFields(record: RoomRecord, viewerId: UserId | null): Omit<HostRoom, 'members' | 'memberCount'> {
  const { id, kind, key, title, metadata, seq, change, membership, createdAt, updatedAt, lastMessage } =
    record
  return {
    id,
    kind,
    ...(key === null || isPairKey(key) ? {} : { key }),
    ...(title === null ? {} : { title }),
    metadata,
    seq: seq as Seq,
    change: change as Change,
    factsVersion: membership,
    createdAt,
    updatedAt,
    lastMessage: lastMessage === null ? null : toMessage(lastMessage, viewerId),
  }
}

function meView({ me }: OwnRoomRecord, shown: LedgerRoom | undefined): Me {
  return {
    readSeq: me.readSeq as Seq,
    readEpoch: me.readEpoch as ReadEpoch,
    // Number and flags from one place: a flag that is newer than the number would not add up to the badge.
    unread: shown?.shown ?? 0,
    muted: shown?.muted ?? me.muted,
    archived: shown?.archived ?? me.archived,
    role: me.role,
  }
}
