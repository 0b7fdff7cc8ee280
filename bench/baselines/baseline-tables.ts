import pg from 'pg'
import { type BaselineRoom, required } from './baseline-server.ts'

/** What the ideas that keep messages by a number of the table have in common. */
const SCHEMA = `
  create table rooms (id text primary key);
  create table members (room_id text not null, user_id text not null, read_id bigint not null default 0,
    unread int not null default 0, primary key (room_id, user_id)) with (fillfactor = 70);
  create index on members (user_id);
  create table messages (id bigint generated always as identity primary key, room_id text not null, sender_id text not null,
    client_id text, text text not null, created_at timestamptz not null default clock_timestamp());
  create index on messages (room_id, id);
`

export async function openTables(): Promise<pg.Pool> {
  const database = new pg.Pool({ connectionString: required('DATABASE_URL'), max: 12 })
  await database.query(SCHEMA)
  return database
}

export async function insertRooms(database: pg.Pool, rooms: readonly BaselineRoom[]): Promise<void> {
  const members = rooms.flatMap(({ roomId, userIds }) => userIds.map((userId) => ({ roomId, userId })))
  await database.query('insert into rooms (id) select unnest($1::text[])', [
    rooms.map(({ roomId }) => roomId),
  ])
  await database.query(
    'insert into members (room_id, user_id) select * from unnest($1::text[], $2::text[])',
    [members.map(({ roomId }) => roomId), members.map(({ userId }) => userId)],
  )
  await database.query('analyze')
}
