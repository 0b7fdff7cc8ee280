/**
 * The fairest rival without batching: one statement, well written, stores the message, raises the counter of everybody
 * else in the room and says their new totals; then it is emitted. A counter is raised under its row's lock, so that of a
 * room is exact; a total is a sum over rows that others may be changing at that moment.
 */
import { type Send, serveBaseline } from './baseline-server.ts'
import { insertRooms, openTables } from './baseline-tables.ts'

const SEND = {
  name: 'send',
  text: `
    with stored as (
      insert into messages (room_id, sender_id, client_id, text)
      select $1, $2, $3, $4 where exists (select 1 from members where room_id = $1 and user_id = $2)
      returning created_at),
    counted as (
      update members set unread = unread + 1 from stored where room_id = $1 and user_id <> $2
      returning user_id, unread, created_at)
    select user_id, unread, created_at, unread + coalesce((
      select sum(m.unread)::int from members m where m.user_id = counted.user_id and m.room_id <> $1), 0) as total
    from counted`,
}

await serveBaseline(async (io) => {
  const database = await openTables()
  return {
    name: 'single-cte',
    createRooms: (rooms) => insertRooms(database, rooms),
    events: {
      'send-message': async ({ userId }, { roomId, message, clientId }: Send) => {
        const { rows } = await database.query({
          ...SEND,
          values: [roomId, userId, clientId ?? null, message],
        })
        for (const { user_id: receiver, unread, total, created_at: at } of rows) {
          io.to(receiver).emit('chat-room-updated', {
            roomId,
            last_message: message,
            last_message_at: at,
            unread_count: unread,
          })
          io.to(receiver).emit('total-unread-count-updated', { totalUnreadCount: total })
        }
        return {}
      },
    },
  }
})
