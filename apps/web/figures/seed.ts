import pg from 'pg'

export const READER = 'figures-reader'
const WRITER = 'figures-writer'
const LONG_ROOM = 'figures-long-room'
export const LONG_ROOM_TITLE = '십만 메시지'
/** What the last of so many rooms says. */
export const LAST_ROOM = (rooms: number): string => `${rooms}번 공고 지원자 방`

/** A room with so many messages of somebody else, read up to the middle; and so many rooms beside it. */
export async function seed(
  databaseUrl: string,
  { messages, rooms }: { messages: number; rooms: number },
): Promise<void> {
  const database = new pg.Client({ connectionString: databaseUrl })
  await database.connect()
  try {
    await database.query('set synchronous_commit = off')
    await database.query(
      `insert into users (id, name, user_type) values ($1, '읽는 사람', 'job_seeker'), ($2, '쓰는 사람', 'company')`,
      [READER, WRITER],
    )
    await seedRoom(database, { messages })
    await seedRooms(database, { rooms })
    await database.query('analyze')
  } finally {
    await database.end()
  }
}

async function seedRoom(database: pg.Client, { messages }: { messages: number }): Promise<void> {
  const middle = Math.floor(messages / 2)
  await database.query(
    `insert into rooms (id, kind, title, seq, tally, change, last_at) values ($1, 'group', $3, $2, $2, $2, now())`,
    [LONG_ROOM, messages, LONG_ROOM_TITLE],
  )
  await database.query(
    `insert into members (room_id, user_id, settled, read_seq) values ($1, $2, $4, $4), ($1, $3, $5, $5)`,
    [LONG_ROOM, READER, WRITER, middle, messages],
  )
  await database.query(
    `insert into messages (room_id, seq, id, tally, change, sender_id, type, text, counted, created_at)
     select $1, n, $1 || '-' || lpad(n::text, 9, '0'), n, n, $2, 'regular',
       n || '번째 메시지. ' || repeat('조금 더 긴 이야기입니다. ', n::int % 5), true,
       now() - ($3 - n) * interval '20 seconds'
     from generate_series(1, $3::bigint) n`,
    [LONG_ROOM, WRITER, messages],
  )
}

async function seedRooms(database: pg.Client, { rooms }: { rooms: number }): Promise<void> {
  await database.query(
    `insert into rooms (id, kind, title, seq, tally, change, last_at)
     select 'figures-' || n, 'group', n || '번 공고 지원자 방', 1, 1, 1, now() - n * interval '1 minute'
     from generate_series(1, $1::bigint) n`,
    [rooms],
  )
  await database.query(
    `insert into members (room_id, user_id, settled, read_seq)
     select 'figures-' || n, u, case when u = $2 then 1 else 0 end, case when u = $2 then 1 else 0 end
     from generate_series(1, $1::bigint) n, unnest(array[$2, $3]::text[]) u`,
    [rooms, WRITER, READER],
  )
  await database.query(
    `insert into messages (room_id, seq, id, tally, change, sender_id, type, text, counted, created_at)
     select 'figures-' || n, 1, 'figures-' || n || '-1', 1, 1, $2, 'regular', n || '번 방의 마지막 메시지', true,
       now() - n * interval '1 minute'
     from generate_series(1, $1::bigint) n`,
    [rooms, WRITER],
  )
}
