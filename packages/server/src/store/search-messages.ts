import type { IsoTime, MessageId, RoomId, UserId } from '@tally/protocol'
import type { Database } from './open-database.ts'

/** What a search tells of a message. */
export type FoundMessageRecord = {
  id: MessageId
  roomId: RoomId
  seq: number
  senderId: UserId | null
  type: string
  text: string
  createdAt: IsoTime
}

/** A place in the order of all messages there are. */
export type SearchPlace = { createdAt: IsoTime; roomId: RoomId; seq: number }

export type MessageSearch = {
  userId: UserId
  /** Of `indexCondition`; what it finds still has to be looked at. */
  condition: string
  /** `null`: all rooms of the person. */
  roomId: RoomId | null
  before: SearchPlace | null
  limit: number
  /** Entries that are looked at. */
  most: number
}

/** `null` when more than `most` entries of the index fit. */
export async function searchByIndex(
  db: Database,
  search: MessageSearch,
): Promise<FoundMessageRecord[] | null> {
  const [row] = await db.query<{ answer: { isComplete: boolean; messages?: FoundMessageRecord[] } }>({
    name: 'search_by_index',
    text: 'select search_by_index($1, $2::tsquery, $3, $4, $5, $6, $7, $8) as answer',
    values: valuesOf(search),
  })
  return row?.answer.messages ?? null
}

/** Looks at `most` messages, the newest first. `stoppedAt`: where to go on, `null` at the end of all messages. */
export async function searchNewest(
  db: Database,
  search: MessageSearch,
): Promise<{ messages: FoundMessageRecord[]; stoppedAt: SearchPlace | null }> {
  const [row] = await db.query<{
    answer: { messages: FoundMessageRecord[]; stoppedAt: SearchPlace | null }
  }>({
    name: 'search_newest',
    text: 'select search_newest($1, $2::tsquery, $3, $4, $5, $6, $7, $8) as answer',
    values: valuesOf(search),
  })
  return row?.answer ?? { messages: [], stoppedAt: null }
}

function valuesOf({ userId, condition, roomId, before, limit, most }: MessageSearch): unknown[] {
  return [
    userId,
    condition,
    roomId,
    before?.createdAt ?? null,
    before?.roomId ?? null,
    before?.seq ?? null,
    limit,
    most,
  ]
}

/** Ids of the rooms a person is in, at most `limit`, in no order. */
export async function readRoomIds(
  db: Database,
  { userId, limit }: { userId: UserId; limit: number },
): Promise<RoomId[]> {
  const rows = await db.query<{ roomId: RoomId }>({
    name: 'read-room-ids',
    text: `
      select b.room_id as "roomId" from members b join rooms r on r.id = b.room_id
      where b.user_id = $1 and b.left_at is null and r.deleted_at is null and r.kind <> 'feed' limit $2`,
    values: [userId, limit],
  })
  return rows.map(({ roomId }) => roomId)
}
