import pg from 'pg'

/** Runs statements in the database of a Tally that is running, to fill it faster than anybody could by asking. */
export async function withDatabase<T>(
  databaseUrl: string,
  task: (database: pg.Client) => Promise<T>,
): Promise<T> {
  const database = new pg.Client({ connectionString: databaseUrl })
  await database.connect()
  try {
    // What is made here is made anew when it is lost.
    await database.query('set synchronous_commit = off')
    return await task(database)
  } finally {
    await database.end()
  }
}

export async function seedPeople(database: pg.Client, userIds: readonly string[]): Promise<void> {
  await database.query(
    'insert into users (id, name) select id, id from unnest($1::text[]) id on conflict do nothing',
    [userIds],
  )
}

/** @param rooms their ids and everybody in them; the people have to be there. */
export async function seedRooms(
  database: pg.Client,
  rooms: readonly { roomId: string; userIds: readonly string[] }[],
): Promise<void> {
  const members = rooms.flatMap(({ roomId, userIds }) => userIds.map((userId) => ({ roomId, userId })))
  await database.query(`insert into rooms (id, kind) select id, 'group' from unnest($1::text[]) id`, [
    rooms.map(({ roomId }) => roomId),
  ])
  await database.query(
    `insert into members (room_id, user_id, settled, read_seq)
     select room_id, user_id, 0, 0 from unnest($1::text[], $2::text[]) as m (room_id, user_id)`,
    [members.map(({ roomId }) => roomId), members.map(({ userId }) => userId)],
  )
}

/** Messages of one sender, all read by nobody; the room has to be empty. */
export async function seedHistory(
  database: pg.Client,
  { roomId, senderId, count }: { roomId: string; senderId: string; count: number },
): Promise<void> {
  await database.query(
    `insert into messages (room_id, seq, id, tally, change, sender_id, type, text, counted, created_at)
     select $1, n, $1 || '-' || lpad(n::text, 9, '0'), n, n, $2, 'text', 'message ' || n, true,
       now() - interval '30 days' + n * interval '1 millisecond'
     from generate_series(1, $3::bigint) n`,
    [roomId, senderId, count],
  )
  await database.query(
    `update rooms set seq = $2, tally = $2, change = $2,
       last_at = (select created_at from messages where room_id = $1 and seq = $2) where id = $1`,
    [roomId, count],
  )
  await database.query('update members set settled = $3 where room_id = $1 and user_id = $2', [
    roomId,
    senderId,
    count,
  ])
}
