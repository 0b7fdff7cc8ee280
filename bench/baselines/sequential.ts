/**
 * What teams start with: insert the message, sum the unread messages over the receiver's rooms, emit, one after the
 * other. Same sockets, same database, same durability; indexes and prepared statements as good as the idea allows.
 */
import { type Send, serveBaseline } from './baseline-server.ts'
import { insertRooms, openTables } from './baseline-tables.ts'

const INSERT = {
  name: 'insert-message',
  text: `insert into messages (room_id, sender_id, client_id, text)
    select $1, $2, $3, $4 where exists (select 1 from members where room_id = $1 and user_id = $2) returning created_at`,
}

const OTHERS = {
  name: 'others',
  text: 'select user_id from members where room_id = $1 and user_id <> $2',
}

const UNREAD_BY_ROOM = {
  name: 'unread-by-room',
  text: `
    select m.room_id, count(*)::int as unread
    from members m join messages x on x.room_id = m.room_id and x.id > m.read_id and x.sender_id <> m.user_id
    where m.user_id = $1 group by m.room_id`,
}

await serveBaseline(async (io) => {
  const database = await openTables()
  return {
    name: 'sequential',
    createRooms: (rooms) => insertRooms(database, rooms),
    events: {
      'send-message': async ({ userId }, { roomId, message, clientId }: Send) => {
        const stored = await database.query({
          ...INSERT,
          values: [roomId, userId, clientId ?? null, message],
        })
        const members = await database.query({ ...OTHERS, values: [roomId, userId] })
        for (const { user_id: receiver } of members.rows) {
          const counts = await database.query({ ...UNREAD_BY_ROOM, values: [receiver] })
          const unread = counts.rows.find((row) => row.room_id === roomId)?.unread ?? 0
          const total = counts.rows.reduce((sum, row) => sum + row.unread, 0)
          const at = stored.rows[0]?.created_at
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
