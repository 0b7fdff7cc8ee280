import type { RoomId, UserId } from '@tally/protocol'
import type { Database } from './open-database.ts'

/** Somebody who has a room open, and their read epoch in it when they opened it. */
export type Opened = { readonly userId: UserId; readonly roomId: RoomId; readonly readEpoch: number }

/**
 * Those of these rooms that were made unread since they were opened, or joined anew.
 * @returns their places in the list, from 0.
 * @throws RequestError `storage_unavailable`.
 */
export async function readMarkedUnread(db: Database, opened: readonly Opened[]): Promise<number[]> {
  const rows = await db.query<{ place: number }>({
    name: 'read-marked-unread',
    text: `
      select o.place - 1 as place
      from unnest($1::text[], $2::text[], $3::bigint[]) with ordinality o(user_id, room_id, read_epoch, place)
      cross join lateral (
        select m.read_epoch from members m where m.room_id = o.room_id and m.user_id = o.user_id limit 1) now
      where now.read_epoch > o.read_epoch`,
    values: [
      opened.map(({ userId }) => userId),
      opened.map(({ roomId }) => roomId),
      opened.map(({ readEpoch }) => readEpoch),
    ],
  })
  return rows.map(({ place }) => place)
}
