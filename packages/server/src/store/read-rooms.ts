import type { IsoTime, RoomId, UserId } from '@tally/protocol'
import type { Role, RoomKind, StoredMessage } from '../core/committed.ts'
import { APPLICATION_KEY_PREFIX } from '../core/room-keys.ts'
import type { Database } from './open-database.ts'
import { type MessageColumns, messagesIn, storedMessages } from './stored-messages.ts'

/** A room without its members. */
export type RoomRecord = {
  id: RoomId
  kind: Exclude<RoomKind, 'feed'>
  key: string | null
  title: string | null
  metadata: Record<string, unknown>
  seq: number
  tally: number
  change: number
  /** Rises with everybody who comes or goes, and with a new title or metadata. */
  membership: number
  createdAt: IsoTime
  updatedAt: IsoTime
  /** The place in lists: when the newest message came, or the room was made. */
  lastAt: IsoTime
  /** The newest message that is not deleted. */
  lastMessage: StoredMessage | null
}

/** A room as one of its present members finds it. */
export type OwnRoomRecord = RoomRecord & {
  me: { readSeq: number; readEpoch: number; muted: boolean; archived: boolean; role: Role }
}

export type RoomPlace = { lastAt: IsoTime; roomId: RoomId }

/** A person's rooms after a place in the list, the one with the newest message first. One statement per page. */
export async function readRoomPage(
  db: Database,
  { userId, after, limit }: { userId: UserId; after: RoomPlace | null; limit: number },
): Promise<OwnRoomRecord[]> {
  const rows = await db.query<OwnRoomRow>({
    name: 'read-room-page',
    text: ownRoomsWithLastMessage(`
      and ($2::timestamptz is null or (r.last_at, r.id) < ($2::timestamptz, $3::text))
      order by r.last_at desc, r.id desc
      limit $4`),
    values: [userId, after?.lastAt ?? null, after?.roomId ?? '', limit],
  })
  return rows.map(ownRoomRecord)
}

/** Those of the named rooms that the person is in now, in the order given. */
export async function readRoomsOf(
  db: Database,
  { userId, roomIds }: { userId: UserId; roomIds: readonly RoomId[] },
): Promise<OwnRoomRecord[]> {
  const asked = roomIds.map((roomId) => ({ userId, roomId }))
  return (await readOwnRooms(db, asked)).filter((room) => room !== undefined)
}

/**
 * Rooms of many people in one statement, in the order in which they were asked for; `undefined` where the person is not
 * in the room now.
 */
export async function readOwnRooms(
  db: Database,
  asked: readonly { userId: UserId; roomId: RoomId }[],
): Promise<(OwnRoomRecord | undefined)[]> {
  if (asked.length === 0) return []
  const rows = await db.query<OwnRoomRow & { place: number }>({
    name: 'read-own-rooms',
    text: withLastMessage(ASKED, `room.place, ${MY_COLUMNS}`),
    values: [asked.map(({ userId }) => userId), asked.map(({ roomId }) => roomId)],
  })
  const byPlace = new Map(rows.map((row) => [row.place, ownRoomRecord(row)]))
  return asked.map((_, index) => byPlace.get(index + 1))
}

/** A room for the host's backend, which is in none; `undefined` for a deleted one and for a feed. */
export async function readRoom(db: Database, roomId: RoomId): Promise<RoomRecord | undefined> {
  const rows = await db.query<RoomRow>({
    name: 'read-room',
    text: withLastMessage(`
      select r.* from rooms r where r.id = $1 and r.deleted_at is null and r.kind <> 'feed'`),
    values: [roomId],
  })
  return rows.map(roomRecord)[0]
}

/** Whose words a room of the marketplace is listed in: the job seeker's or the company's. */
export type ApplicationSide = 'user' | 'company'

/**
 * The rooms of two in which the person is on this side, newest message first: those made for applications as they say,
 * every other direct room, and what does not say, by what kind of account the person has. Where there are more than
 * `limit`, those with something unread come first: what a badge counts has to be found.
 */
export async function readApplicationRooms(
  db: Database,
  { userId, side, limit }: { userId: UserId; side: ApplicationSide; limit: number },
): Promise<OwnRoomRecord[]> {
  const rows = await db.query<OwnRoomRow>({
    name: 'read-application-rooms',
    text: ownRoomsWithLastMessage(`
      and case
        when r.key like '${APPLICATION_KEY_PREFIX}%' and $1 in (r.metadata ->> 'userId', r.metadata ->> 'companyId')
        then r.metadata ->> $2::text = $1
        else r.kind = 'direct' and ($2::text = 'companyId')
          = coalesce((select u.user_type from users u where u.id = $1) = 'company', false) end
      order by b.settled < r.tally desc, r.last_at desc, r.id desc
      limit $3`),
    values: [userId, side === 'user' ? 'userId' : 'companyId', limit],
  })
  return rows.map(ownRoomRecord)
}

/** The room made for an application between these two, the one with the newest message; one of them is the reader. */
export async function readApplicationRoomOf(
  db: Database,
  { readerId, userId, companyId }: { readerId: UserId; userId: UserId; companyId: UserId },
): Promise<OwnRoomRecord | undefined> {
  const rows = await db.query<OwnRoomRow>({
    name: 'read-application-room-of',
    text: ownRoomsWithLastMessage(`
      and r.key like '${APPLICATION_KEY_PREFIX}%'
      and r.metadata ->> 'userId' = $2 and r.metadata ->> 'companyId' = $3
      order by r.last_at desc, r.id desc
      limit 1`),
    values: [readerId, userId, companyId],
  })
  return rows.map(ownRoomRecord)[0]
}

const OWN_ROOM = `
  select r.*, b.read_seq, b.read_epoch, b.muted, b.role,
    coalesce(b.archived_at_tally >= r.tally, false) as archived`
const BY_ITS_KEY = 'cross join lateral (select * from rooms x where x.id = b.room_id limit 1) r'
const IS_THERE = `b.left_at is null and r.deleted_at is null and r.kind <> 'feed'`

/** The rooms one person is in now. Row by row by their keys: never all rooms there are. */
const MINE = `${OWN_ROOM} from members b ${BY_ITS_KEY} where b.user_id = $1 and ${IS_THERE}`

/** The same of pairs of a person and a room. */
const ASKED = `
  ${OWN_ROOM}, asked.place
  from unnest($1::text[], $2::text[]) with ordinality asked(user_id, room_id, place)
  cross join lateral (
    select * from members x where x.room_id = asked.room_id and x.user_id = asked.user_id limit 1) b
  ${BY_ITS_KEY}
  where ${IS_THERE}`

const MY_COLUMNS = 'room.read_seq, room.read_epoch, room.muted, room.role, room.archived,'

function ownRoomsWithLastMessage(conditions: string): string {
  return withLastMessage(`${MINE} ${conditions}`, MY_COLUMNS)
}

/** The rooms first, then each one's last message by an index that holds none but those not deleted. */
function withLastMessage(rooms: string, more = ''): string {
  return `
    select room.id, room.kind, room.key, room.title, room.metadata, room.seq, room.tally, room.change, room.membership,
      iso_time(room.created_at) as created_at, iso_time(room.updated_at) as updated_at,
      iso_time(room.last_at) as last_at, ${more}
      ${messagesIn(`
        select x.* from messages x where x.room_id = room.id and x.deleted_at is null
        order by x.created_at desc limit 1`)} as newest
    from (${rooms}) room
    order by room.last_at desc, room.id desc`
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
  membership: number
  created_at: IsoTime
  updated_at: IsoTime
  last_at: IsoTime
  newest: MessageColumns[] | null
}

type OwnRoomRow = RoomRow & {
  read_seq: number
  read_epoch: number
  muted: boolean
  role: Role
  archived: boolean
}

function roomRecord(row: RoomRow): RoomRecord {
  const { id, kind, key, title, metadata, seq, tally, change, membership } = row
  return {
    id,
    kind,
    key,
    title,
    metadata,
    seq,
    tally,
    change,
    membership,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastAt: row.last_at,
    lastMessage: storedMessages(id, row.newest)[0] ?? null,
  }
}

function ownRoomRecord(row: OwnRoomRow): OwnRoomRecord {
  const { read_seq, read_epoch, muted, archived, role } = row
  return { ...roomRecord(row), me: { readSeq: read_seq, readEpoch: read_epoch, muted, archived, role } }
}
