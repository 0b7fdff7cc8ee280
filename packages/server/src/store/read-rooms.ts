import type { IsoTime, RoomId, UserId } from '@tally/protocol'
import type { Role, RoomKind, StoredMessage } from '../core/committed.ts'
import { APPLICATION_KEY_PREFIX } from '../core/room-keys.ts'
import type { Database } from './open-database.ts'

/** A room as one of its present members finds it, without the other members. */
export type RoomRecord = {
  id: RoomId
  kind: Exclude<RoomKind, 'feed'>
  key: string | null
  title: string | null
  metadata: Record<string, unknown>
  seq: number
  tally: number
  change: number
  createdAt: IsoTime
  updatedAt: IsoTime
  /** The place in lists: when the newest message came, or the room was made. */
  lastAt: IsoTime
  me: { readSeq: number; readEpoch: number; muted: boolean; archived: boolean; role: Role }
  /** The newest message that is not deleted. */
  lastMessage: StoredMessage | null
}

export type RoomPlace = { lastAt: IsoTime; roomId: RoomId }

/** A person's rooms after a place in the list, the one with the newest message first. One statement per page. */
export async function readRoomPage(
  db: Database,
  { userId, after, limit }: { userId: UserId; after: RoomPlace | null; limit: number },
): Promise<RoomRecord[]> {
  const rows = await db.query<RoomRow>({
    name: 'read-room-page',
    text: roomsWithLastMessage(`
      and ($2::timestamptz is null or (r.last_at, r.id) < ($2::timestamptz, $3::text))
      order by r.last_at desc, r.id desc
      limit $4`),
    values: [userId, after?.lastAt ?? null, after?.roomId ?? '', limit],
  })
  return rows.map(roomRecord)
}

/** Those of the named rooms that the person is in now, in any order. */
export async function readRoomsOf(
  db: Database,
  { userId, roomIds }: { userId: UserId; roomIds: readonly RoomId[] },
): Promise<RoomRecord[]> {
  if (roomIds.length === 0) return []
  const rows = await db.query<RoomRow>({
    name: 'read-rooms-of',
    text: roomsWithLastMessage('and b.room_id = any($2::text[])'),
    values: [userId, roomIds],
  })
  return rows.map(roomRecord)
}

/** Whose words a room of the marketplace is listed in: the job seeker's or the company's. */
export type ApplicationSide = 'user' | 'company'

/** The rooms made for applications in which the person is on this side, newest message first. */
export async function readApplicationRooms(
  db: Database,
  { userId, side, limit }: { userId: UserId; side: ApplicationSide; limit: number },
): Promise<RoomRecord[]> {
  const rows = await db.query<RoomRow>({
    name: 'read-application-rooms',
    text: roomsWithLastMessage(`
      and r.key like '${APPLICATION_KEY_PREFIX}%' and r.metadata ->> $2 = $1
      order by r.last_at desc, r.id desc
      limit $3`),
    values: [userId, side === 'user' ? 'userId' : 'companyId', limit],
  })
  return rows.map(roomRecord)
}

/** The room made for an application between these two, the one with the newest message; one of them is the reader. */
export async function readApplicationRoomOf(
  db: Database,
  { readerId, userId, companyId }: { readerId: UserId; userId: UserId; companyId: UserId },
): Promise<RoomRecord | undefined> {
  const rows = await db.query<RoomRow>({
    name: 'read-application-room-of',
    text: roomsWithLastMessage(`
      and r.key like '${APPLICATION_KEY_PREFIX}%'
      and r.metadata ->> 'userId' = $2 and r.metadata ->> 'companyId' = $3
      order by r.last_at desc, r.id desc
      limit 1`),
    values: [readerId, userId, companyId],
  })
  return rows.map(roomRecord)[0]
}

const MINE = `
  select r.id, r.kind, r.key, r.title, r.metadata, r.seq, r.tally, r.change, r.created_at, r.updated_at, r.last_at,
    b.read_seq, b.read_epoch, b.muted, b.role,
    (b.archived_at_tally is not null and b.archived_at_tally >= r.tally) as archived
  from members b join rooms r on r.id = b.room_id
  where b.user_id = $1 and b.left_at is null and r.deleted_at is null and r.kind <> 'feed'`

/** The rooms first, then each one's last message by an index that holds none but those not deleted. */
function roomsWithLastMessage(conditions: string): string {
  return `
    select mine.id, mine.kind, mine.key, mine.title, mine.metadata, mine.seq, mine.tally, mine.change,
      iso_time(mine.created_at) as created_at, iso_time(mine.updated_at) as updated_at,
      iso_time(mine.last_at) as last_at,
      mine.read_seq, mine.read_epoch, mine.muted, mine.role, mine.archived,
      case when m.seq is not null then stored_message(m.row) end as message
    from (${MINE} ${conditions}) mine
    left join lateral (
      select newest as row, newest.seq from messages newest where newest.room_id = mine.id and newest.deleted_at is null
      order by newest.created_at desc limit 1
    ) m on true
    order by mine.last_at desc, mine.id desc`
}

type RoomRow = {
  id: RoomId
  kind: 'direct' | 'group'
  key: string | null
  title: string | null
  metadata: Record<string, unknown>
  seq: number
  tally: number
  change: number
  created_at: IsoTime
  updated_at: IsoTime
  last_at: IsoTime
  read_seq: number
  read_epoch: number
  muted: boolean
  role: Role
  archived: boolean
  message: StoredMessage | null
}

function roomRecord(row: RoomRow): RoomRecord {
  const { id, kind, key, title, metadata, seq, tally, change } = row
  return {
    id,
    kind,
    key,
    title,
    metadata,
    seq,
    tally,
    change,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastAt: row.last_at,
    me: {
      readSeq: row.read_seq,
      readEpoch: row.read_epoch,
      muted: row.muted,
      archived: row.archived,
      role: row.role,
    },
    lastMessage: row.message,
  }
}
