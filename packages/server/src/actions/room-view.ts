import type { Change, Member, ReadEpoch, Room, RoomId, Seq, UserId } from '@tally/protocol'
import type { LedgerRoom } from '../core/ledger-step.ts'
import { isPairKey } from '../core/room-keys.ts'
import { type MemberOfRoom, readMembersOfRooms } from '../store/read-members.ts'
import type { RoomRecord } from '../store/read-rooms.ts'
import type { ActionContext } from './context.ts'
import { toMessage } from './message-view.ts'

/** What the ledger says of a person's rooms: every count on a wire is `shown`, never a difference made here. */
export type ShownRooms = ReadonlyMap<RoomId, LedgerRoom>

export function shownRooms(rooms: readonly LedgerRoom[]): ShownRooms {
  return new Map(rooms.map((room) => [room.roomId, room]))
}

/**
 * Rooms as one of their members sees them, in the order given, with the members' names in one more statement. A large
 * group shows its first members, those who are there before those who left; `memberCount` says how many are there.
 */
export async function roomViews(
  ctx: ActionContext,
  { viewerId, records, shown }: { viewerId: UserId; records: readonly RoomRecord[]; shown: ShownRooms },
): Promise<Room[]> {
  const members = await readMembersOfRooms(ctx.db, {
    roomIds: records.map(({ id }) => id),
    limit: ctx.limits.membersShown,
  })
  return records.map((record) => {
    const { members: some = [], presentCount = 0 } = members.get(record.id) ?? {}
    const room = roomView(record, { viewerId, shown: shown.get(record.id) })
    return { ...room, members: some.map(memberView), memberCount: presentCount }
  })
}

export function memberView({ userId, name, image, userType, role, readSeq, left }: MemberOfRoom): Member {
  return { userId, name, image, userType, role, readSeq: readSeq as Seq, left }
}

function roomView(
  record: RoomRecord,
  { viewerId, shown }: { viewerId: UserId; shown: LedgerRoom | undefined },
): Omit<Room, 'members' | 'memberCount'> {
  const { id, kind, key, title, metadata, seq, change, createdAt, updatedAt, me, lastMessage } = record
  return {
    id,
    kind,
    ...(key === null || isPairKey(key) ? {} : { key }),
    ...(title === null ? {} : { title }),
    metadata,
    seq: seq as Seq,
    change: change as Change,
    createdAt,
    updatedAt,
    lastMessage: lastMessage === null ? null : toMessage(lastMessage, viewerId),
    me: {
      readSeq: me.readSeq as Seq,
      readEpoch: me.readEpoch as ReadEpoch,
      // Number and flags from one place: a flag that is newer than the number would not add up to the badge.
      unread: shown?.shown ?? 0,
      muted: shown?.muted ?? me.muted,
      archived: shown?.archived ?? me.archived,
      role: me.role,
    },
  }
}
