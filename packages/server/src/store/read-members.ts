import type { RoomId, UserId } from '@tally/protocol'
import type { Role } from '../core/committed.ts'
import type { Database } from './open-database.ts'

/** Somebody who is or was in a room. The name is null when the account is gone or never had one. */
export type MemberOfRoom = {
  userId: UserId
  name: string | null
  image: string | null
  userType: string | null
  role: Role
  readSeq: number
  /** Up to where a device has the messages; what was read is there, too. */
  deliveredSeq: number
  /** Left the room, was removed from it, or deleted the account. */
  left: boolean
}

/** Present members first, so that a room of many shows them rather than those who left. */
export type MembersOfRoom = { members: MemberOfRoom[]; presentCount: number }

/**
 * The first `limit` members of each room, and how many are there now. One statement for a whole page of rooms; a large
 * room costs no more than `limit` rows and, only when it has more than those, a count by index.
 */
export async function readMembersOfRooms(
  db: Database,
  { roomIds, limit }: { roomIds: readonly RoomId[]; limit: number },
): Promise<Map<RoomId, MembersOfRoom>> {
  const byRoom = new Map<RoomId, MembersOfRoom>(roomIds.map((id) => [id, { members: [], presentCount: 0 }]))
  if (roomIds.length === 0) return byRoom
  const rows = await db.query<MemberRow & { room_id: RoomId }>({
    name: 'read-members-of-rooms',
    text: `
      select room.id as room_id, ${MEMBER_COLUMNS}
      from unnest($1::text[]) as room(id)
      cross join lateral (
        (select * from members x where x.room_id = room.id and x.left_at is null order by x.user_id limit $2)
        union all
        (select * from members x where x.room_id = room.id and x.left_at is not null order by x.user_id limit $2)
        limit $2
      ) b
      left join users u on u.id = b.user_id`,
    values: [roomIds, limit],
  })
  for (const row of rows) {
    const room = byRoom.get(row.room_id)
    if (room === undefined) continue
    room.members.push(memberOfRoom(row))
    if (row.left_at === null) room.presentCount += 1
  }
  const full = roomIds.filter((id) => (byRoom.get(id)?.presentCount ?? 0) >= limit)
  for (const [id, count] of await countPresent(db, full)) {
    const room = byRoom.get(id)
    if (room !== undefined) room.presentCount = count
  }
  return byRoom
}

async function countPresent(db: Database, roomIds: readonly RoomId[]): Promise<[RoomId, number][]> {
  if (roomIds.length === 0) return []
  const rows = await db.query<{ room_id: RoomId; present: number }>({
    name: 'count-present-members',
    text: `
      select room_id, count(*)::int as present from members
      where room_id = any($1::text[]) and left_at is null group by room_id`,
    values: [roomIds],
  })
  return rows.map(({ room_id, present }) => [room_id, present])
}

/** Everybody who is or was in a room, by id, after somebody. */
export async function readMemberPage(
  db: Database,
  { roomId, afterUserId, limit }: { roomId: RoomId; afterUserId: UserId | null; limit: number },
): Promise<MemberOfRoom[]> {
  const rows = await db.query<MemberRow>({
    name: 'read-member-page',
    text: `
      select ${MEMBER_COLUMNS}
      from members b left join users u on u.id = b.user_id
      where b.room_id = $1 and b.user_id > $2 order by b.user_id limit $3`,
    values: [roomId, afterUserId ?? '', limit],
  })
  return rows.map(memberOfRoom)
}

/** How far the two present members who have read least have come, the last of all first. */
export async function readLastReaders(
  db: Database,
  roomId: RoomId,
): Promise<{ userId: UserId; readSeq: number }[]> {
  return db.query({
    name: 'read-last-readers',
    text: `
      select user_id as "userId", read_seq as "readSeq" from members
      where room_id = $1 and left_at is null order by read_seq, user_id limit 2`,
    values: [roomId],
  })
}

const MEMBER_COLUMNS = `b.user_id, b.role, b.read_seq, greatest(b.read_seq, b.delivered_seq) as delivered_seq, b.left_at,
  u.name, u.image, u.user_type, u.deleted_at`

type MemberRow = {
  user_id: UserId
  role: Role
  read_seq: number
  delivered_seq: number
  left_at: unknown
  name: string | null
  image: string | null
  user_type: string | null
  deleted_at: unknown
}

function memberOfRoom(row: MemberRow): MemberOfRoom {
  return {
    userId: row.user_id,
    name: row.name,
    image: row.image,
    userType: row.user_type,
    role: row.role,
    readSeq: row.read_seq,
    deliveredSeq: row.delivered_seq,
    left: row.left_at !== null || row.deleted_at !== null,
  }
}
