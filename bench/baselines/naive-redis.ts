/**
 * What guides recommend: the message into the database, the counters into Redis. For each receiver HINCRBY of the room,
 * HGETALL of the person, and HSET of the new total, as three calls; then the badge, over pub/sub where there are several
 * processes. As many as one likes, each with a pipeline of its own.
 */

import { Redis } from 'ioredis'
import pg from 'pg'
import type { Socket } from 'socket.io'
import { type BaselineRoom, required, type Send, serveBaseline } from './baseline-server.ts'

const SCHEMA = `
  create table if not exists rooms (id text primary key, seq bigint not null default 0);
  create table if not exists members (room_id text not null, user_id text not null, read_seq bigint not null default 0,
    primary key (room_id, user_id));
  create index if not exists members_user on members (user_id);
  create table if not exists messages (room_id text not null, seq bigint not null, sender_id text not null, client_id text,
    text text not null, created_at timestamptz not null default clock_timestamp(), primary key (room_id, seq));
  create unique index if not exists messages_client on messages (room_id, sender_id, client_id);
`

/** One statement: the place in the room, the message, and who else is to be told. */
const INSERT = {
  name: 'insert-message',
  text: `
    with room as (update rooms set seq = seq + 1 where id = $1 returning seq),
    stored as (
      insert into messages (room_id, seq, sender_id, client_id, text) select $1, seq, $2, $3, $4 from room
      returning seq, created_at)
    select seq::int as seq, created_at,
      array(select user_id from members where room_id = $1 and user_id <> $2) as receivers
    from stored`,
}

const MARK_READ = {
  name: 'mark-read',
  text: `update members set read_seq = greatest(read_seq, least($3, (select seq from rooms where id = $1)))
    where room_id = $1 and user_id = $2
    returning (select count(*)::int from messages x
      where x.room_id = $1 and x.seq > members.read_seq and x.sender_id <> $2) as unread`,
}

const TOTAL = 'total'
const CHANNEL = 'badges'

type Badge = { userId: string; row?: object; total: number }

type Caller = { userId: string; socket: Socket }

const database = new pg.Pool({ connectionString: required('DATABASE_URL'), max: 12 })
database.on('error', () => {})
const redis = new Redis(required('REDIS_URL'), { maxRetriesPerRequest: 1 })
redis.on('error', () => {})
let tell: (badge: Badge) => Promise<void>

await serveBaseline(async (io) => {
  // One transaction: several processes start at the same time.
  await database.query(`select pg_advisory_xact_lock(1); ${SCHEMA}`)
  const emit = ({ userId, row, total }: Badge): void => {
    if (row !== undefined) io.to(userId).emit('chat-room-updated', row)
    io.to(userId).emit('total-unread-count-updated', { totalUnreadCount: total })
  }
  // Alone it needs nobody to pass its badges on.
  tell = process.env.PROCESSES === '1' ? async (badge) => emit(badge) : await tellAll(emit)
  return {
    name: 'naive-redis',
    createRooms,
    events: {
      'send-message': send,
      'mark-read': markRead,
      sync: ({ userId }) => sync(userId),
      'join-room': join,
      'leave-room': leave,
    },
  }
})

async function send({ userId, socket }: Caller, { roomId, message, clientId }: Send): Promise<object> {
  const { rows } = await database
    .query({ ...INSERT, values: [roomId, userId, clientId ?? null, message] })
    .catch((error: { code?: string }) => {
      // A retry of what was stored already.
      if (error.code === '23505') return { rows: [] }
      throw error
    })
  const stored = rows[0]
  if (stored === undefined) return {}
  const { seq, created_at: at, receivers } = stored
  socket.nsp.to(`room:${roomId}`).emit('new-message', { room_id: roomId, seq, message, sender_id: userId })
  await Promise.all(
    receivers.map(async (receiver: string) => {
      const unread = await redis.hincrby(keyOf(receiver), roomId, 1)
      const total = await updateTotal(receiver)
      const row = {
        roomId,
        last_message: message,
        last_message_at: at,
        last_message_seq: seq,
        unread_count: unread,
      }
      await tell({ userId: receiver, row, total })
    }),
  )
  return { message: { seq } }
}

async function markRead(
  { userId }: Caller,
  { roomId, upToSeq }: { roomId: string; upToSeq: number },
): Promise<object> {
  const { rows } = await database.query({ ...MARK_READ, values: [roomId, userId, upToSeq] })
  const unread: number = rows[0]?.unread ?? 0
  await redis.hset(keyOf(userId), roomId, unread)
  const total = await updateTotal(userId)
  await tell({ userId, row: { roomId, unread_count: unread }, total })
  return {}
}

/** The second and the third call. */
async function updateTotal(userId: string): Promise<number> {
  const counts = await redis.hgetall(keyOf(userId))
  const total = Object.entries(counts).reduce(
    (sum, [room, count]) => sum + (room === TOTAL ? 0 : Number(count)),
    0,
  )
  await redis.hset(keyOf(userId), TOTAL, total)
  return total
}

/** Every process hears of every badge, and gives it to those who are connected to it. */
async function tellAll(emit: (badge: Badge) => void): Promise<(badge: Badge) => Promise<void>> {
  const subscriber = new Redis(required('REDIS_URL'))
  subscriber.on('error', () => {})
  await subscriber.subscribe(CHANNEL)
  subscriber.on('message', (_channel, text) => emit(JSON.parse(text)))
  return async (badge) => {
    await redis.publish(CHANNEL, JSON.stringify(badge))
  }
}

async function sync(userId: string): Promise<object> {
  const counts = await redis.hgetall(keyOf(userId))
  const { rows } = await database.query({
    name: 'rooms-of',
    text: `select r.id, r.seq::int as seq from members m join rooms r on r.id = m.room_id where m.user_id = $1`,
    values: [userId],
  })
  const rooms = rows.map(({ id, seq }) => ({ id, seq, me: { unread: Number(counts[id] ?? 0) } }))
  return { rev: 0, badge: { total: Number(counts[TOTAL] ?? 0), rev: 0 }, rooms, next: null }
}

async function join({ socket }: Caller, { roomId }: { roomId: string }): Promise<object> {
  await socket.join(`room:${roomId}`)
  const { rows } = await database.query('select seq::int as seq from rooms where id = $1', [roomId])
  return { seq: rows[0]?.seq ?? 0 }
}

async function leave({ socket }: Caller, { roomId }: { roomId: string }): Promise<object> {
  await socket.leave(`room:${roomId}`)
  return {}
}

async function createRooms(rooms: readonly BaselineRoom[]): Promise<void> {
  const members = rooms.flatMap(({ roomId, userIds }) => userIds.map((userId) => [roomId, userId]))
  await database.query('insert into rooms (id) select unnest($1::text[])', [
    rooms.map(({ roomId }) => roomId),
  ])
  await database.query(
    'insert into members (room_id, user_id) select * from unnest($1::text[], $2::text[])',
    [members.map(([roomId]) => roomId), members.map(([, userId]) => userId)],
  )
  await database.query('analyze')
}

const keyOf = (userId: string): string => `unread:${userId}`
