import type { RoomId, UserId } from '@tally/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ActionContext } from '../../src/actions/context.ts'
import { SearchIndexer } from '../../src/actions/index-messages.ts'
import { indexCondition } from '../../src/core/search-text.ts'
import { migrate } from '../../src/store/migrate.ts'
import { type Database, openDatabase } from '../../src/store/open-database.ts'
import { searchByIndex, searchNewest } from '../../src/store/search-messages.ts'
import { DATABASES } from '../../test-support/host.ts'
import { createTestDatabase, type TestDatabase } from '../../test-support/test-database.ts'

const MESSAGES = 4_000
const userId = 'kim' as UserId

describe.each(DATABASES)('what is found in many messages, on %s', (kind) => {
  let made: TestDatabase
  let db: Database

  beforeAll(async () => {
    made = await createTestDatabase(kind)
    db = await openDatabase(made.options)
    await migrate(db)
    // Written past the outbox, as in a database that was never indexed.
    await db.transaction((tables) => tables.script(FILL))
    const indexer = new SearchIndexer()
    while (await indexer.run({ db } as ActionContext, 0));
  })

  afterAll(async () => {
    await db.close()
    await made.drop()
  })

  const often = { userId, condition: indexCondition(['hello'], null), roomId: null, before: null, limit: 50 }

  test('a database that was never indexed is caught up', async () => {
    const [row] = await db.query<{ count: number }>({
      name: 'indexed',
      text: 'select count(*) as count from message_search',
      values: [],
    })
    expect(Number(row?.count)).toBe(MESSAGES)
  })

  test('the index says when there are more than it may look at', async () => {
    expect(await searchByIndex(db, { ...often, most: 1_000 })).toBeNull()
    expect(await searchByIndex(db, { ...often, most: 10_000 })).toHaveLength(50)
  })

  test('from the newest back finds the same, in pieces of any size', async () => {
    const all = await searchByIndex(db, { ...often, limit: MESSAGES, most: 10_000 })
    const found: string[] = []
    let pieces = 0
    for (let before: typeof often.before | undefined = null; before !== undefined; pieces += 1) {
      const piece = await searchNewest(db, { ...often, before, most: 77 })
      found.push(...piece.messages.map(({ id }) => id))
      before = (piece.stoppedAt as typeof before) ?? undefined
    }
    expect(found).toEqual(all?.map(({ id }) => id))
    expect(found).toHaveLength(MESSAGES / 4)
    expect(pieces).toBeGreaterThan(MESSAGES / 77)
  })

  test('one room of it alone, too', async () => {
    const room = { ...often, roomId: 'r1' as RoomId, limit: MESSAGES, most: 10_000 }
    const found = (await searchNewest(db, room)).messages
    expect(found.map(({ id }) => id)).toEqual((await searchByIndex(db, room))?.map(({ id }) => id))
    expect(new Set(found.map(({ roomId }) => roomId))).toEqual(new Set(['r1']))
  })

  test('words are looked for by the index, not by reading all there is', async () => {
    const plan = await db.transaction(async (transaction) => {
      await transaction.script('set local enable_bitmapscan = on')
      return transaction.query<{ 'QUERY PLAN': string }>({
        text: `explain select from message_search where tokens @@ '''면접'' & ''@@@r1'''::tsquery limit 20000`,
        values: [],
      })
    })
    expect(JSON.stringify(plan)).toContain('message_search_tokens')
  })
})

// Kim is in every second room, and every second message says hello.
const FILL = `
  insert into users (id, name) values ('kim', 'Kim'), ('lee', 'Lee');
  insert into rooms (id, kind, seq, tally, change)
    select 'r' || n, 'group', ${MESSAGES / 8}, ${MESSAGES / 8}, ${MESSAGES / 8} from generate_series(0, 7) n;
  insert into members (room_id, user_id, settled, read_seq)
    select 'r' || n, case n % 2 when 1 then 'kim' else 'lee' end, 0, 0 from generate_series(0, 7) n;
  insert into messages (room_id, seq, id, tally, change, sender_id, type, text, counted, created_at)
    select 'r' || (n % 8), n / 8 + 1, 'm' || n, n / 8 + 1, n / 8 + 1, 'lee', 'regular',
      case when n / 8 % 2 = 0 then 'hello ' else 'bye ' end || n, true, '2026-01-01Z'::timestamptz + n % 100 * interval '1 s'
    from generate_series(0, ${MESSAGES - 1}) n;
`
