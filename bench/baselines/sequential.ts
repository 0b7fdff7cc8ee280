/**
 * What teams start with: insert the message, sum the unread messages over the receiver's rooms, emit, one after the
 * other. Same sockets, same database, same durability; indexes and prepared statements as good as the idea allows.
 *
 * It speaks the part of the protocol that the load uses, so that one generator drives both.
 */

import { createSecretKey } from 'node:crypto'
import { createServer } from 'node:http'
import { jwtVerify } from 'jose'
import pg from 'pg'
import { Server, type Socket } from 'socket.io'

const SCHEMA = `
  create table rooms (id text primary key);
  create table members (room_id text not null, user_id text not null, read_at bigint not null default 0, primary key (room_id, user_id));
  create index on members (user_id);
  create table messages (id bigint generated always as identity primary key, room_id text not null, sender_id text not null,
    client_id text, text text not null, created_at timestamptz not null default now());
  create index on messages (room_id, id);
`

const UNREAD_BY_ROOM = {
  name: 'unread-by-room',
  text: `
    select m.room_id, count(*)::int as unread
    from members m join messages x on x.room_id = m.room_id and x.id > m.read_at and x.sender_id <> m.user_id
    where m.user_id = $1 group by m.room_id`,
}

type Send = { roomId: string; message: string; clientId?: string }

const secret = createSecretKey(Buffer.from(required('JWT_SECRET')))
const database = new pg.Pool({ connectionString: required('DATABASE_URL'), max: 12 })
await database.query(SCHEMA)
const http = createServer((request, response) => {
  if (request.method === 'POST' && request.url === '/rooms') {
    void createRooms(request).then(() => response.end('{}'))
    return
  }
  response.end('{"status":"ready"}')
})
const io = new Server(http, { perMessageDeflate: false, maxHttpBufferSize: 65_536 })

io.on('connection', (socket) => {
  socket.on('authenticate', (token: string) => {
    void jwtVerify(token, secret, { algorithms: ['HS256'] }).then(async ({ payload }) => {
      socket.data.userId = payload.sub
      await socket.join(`user:${payload.sub}`)
      socket.emit('authenticated', { success: true })
    })
  })
  socket.on('send-message', (message: Send, answer: (result: object) => void) => {
    send(socket, message).then(
      () => answer({ ok: true }),
      () => answer({ ok: false }),
    )
  })
})

async function send(socket: Socket, { roomId, message, clientId }: Send): Promise<void> {
  const userId: string = socket.data.userId
  const stored = await database.query({
    name: 'insert-message',
    text: `insert into messages (room_id, sender_id, client_id, text)
      select $1, $2, $3, $4 where exists (select 1 from members where room_id = $1 and user_id = $2) returning id, created_at`,
    values: [roomId, userId, clientId ?? null, message],
  })
  const members = await database.query({
    name: 'members',
    text: 'select user_id from members where room_id = $1 and user_id <> $2',
    values: [roomId, userId],
  })
  for (const member of members.rows) {
    const counts = await database.query({ ...UNREAD_BY_ROOM, values: [member.user_id] })
    const unread = counts.rows.find((row) => row.room_id === roomId)?.unread ?? 0
    const total = counts.rows.reduce((sum, row) => sum + row.unread, 0)
    const at = stored.rows[0]?.created_at
    io.to(`user:${member.user_id}`).emit('chat-room-updated', {
      roomId,
      last_message: message,
      last_message_at: at,
      unread_count: unread,
    })
    io.to(`user:${member.user_id}`).emit('total-unread-count-updated', { totalUnreadCount: total })
  }
}

async function createRooms(request: AsyncIterable<Buffer>): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const rooms: { roomId: string; userIds: string[] }[] = JSON.parse(Buffer.concat(chunks).toString())
  const members = rooms.flatMap(({ roomId, userIds }) => userIds.map((userId) => [roomId, userId]))
  await database.query('insert into rooms select unnest($1::text[])', [rooms.map(({ roomId }) => roomId)])
  await database.query(
    'insert into members (room_id, user_id) select * from unnest($1::text[], $2::text[])',
    [members.map(([roomId]) => roomId), members.map(([, userId]) => userId)],
  )
  await database.query('analyze')
}

function required(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} must be set`)
  return value
}

http.listen(Number(required('PORT')), '127.0.0.1')
process.once('SIGTERM', () => process.exit(0))
