import type { IsoTime, MessageId, RoomId, UserId } from '@tally/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SignIn } from '../../src/core/sign-in.ts'
import { readDevices } from '../../src/store/devices.ts'
import { migrate } from '../../src/store/migrate.ts'
import { type Database, openDatabase } from '../../src/store/open-database.ts'
import { readChosen, readPreferences } from '../../src/store/preferences.ts'
import { readAuditOf, readAuditPage, readDrifts } from '../../src/store/read-audit.ts'
import { readBlockBetween, readBlockPage } from '../../src/store/read-blocks.ts'
import { readChangedMessages } from '../../src/store/read-changed-messages.ts'
import {
  readArchivedFeedPage,
  readFeedPage,
  readFeedState,
  readUnreadFeedPage,
} from '../../src/store/read-feed.ts'
import { readMarkedUnread } from '../../src/store/read-marked-unread.ts'
import { readMember } from '../../src/store/read-member.ts'
import { readLastReaders, readMemberPage, readMembersOfRooms } from '../../src/store/read-members.ts'
import {
  readLiveMessagesAfter,
  readMessage,
  readMessagesBeforeTime,
  readPagesAfter,
  readPagesBefore,
  readSeqOf,
} from '../../src/store/read-messages.ts'
import { readNewProfiles } from '../../src/store/read-new-profiles.ts'
import { readPeers } from '../../src/store/read-peers.ts'
import { readPresentState } from '../../src/store/read-present-state.ts'
import { readPreviews } from '../../src/store/read-previews.ts'
import { readRecentRooms } from '../../src/store/read-recent-rooms.ts'
import { readRecipients } from '../../src/store/read-recipients.ts'
import { readRecognizedUsers } from '../../src/store/read-recognized-users.ts'
import { readRoomByKey } from '../../src/store/read-room-by-key.ts'
import { readRoomHead } from '../../src/store/read-room-head.ts'
import {
  readApplicationRoomOf,
  readApplicationRooms,
  readRoom,
  readRoomPage,
  readRoomsOf,
} from '../../src/store/read-rooms.ts'
import { readSnapshot } from '../../src/store/read-snapshot.ts'
import { readUserIds } from '../../src/store/read-user-ids.ts'
import { readUsers } from '../../src/store/read-users.ts'
import type { Statement } from '../../src/store/statement.ts'
import { createTestDatabase, type TestDatabase } from '../../test-support/test-database.ts'

// A room of 100,000 messages and 1,000 members, a person in 500 other rooms who has put nearly all of a long feed away, and
// 60,000 messages of strangers.
const MESSAGES = 100_000
const ROOMS = 500
const MEMBERS = 1_000

const userId = 'user-1' as UserId
const roomId = 'big' as RoomId
const page = Array.from({ length: 20 }, (_, index) => `room-${index}` as RoomId)

/** Every statement that an answer to a person waits for, and how many rows it may touch at most. */
const READS: [name: string, read: (db: Database) => Promise<unknown>, mostRows: number][] = [
  ['a page of rooms', (db) => readRoomPage(db, { userId, after: null, limit: 21 }), 3 * ROOMS],
  ['rooms by id', (db) => readRoomsOf(db, { userId, roomIds: [roomId, ...page] }), 100],
  [
    'rooms of the marketplace',
    (db) => readApplicationRooms(db, { userId, side: 'user', limit: 20 }),
    3 * ROOMS,
  ],
  ['a room of two in the marketplace', (db) => readApplicationRoomOf(db, TWO), 3 * ROOMS],
  ['a room for the host', (db) => readRoom(db, roomId), 10],
  [
    'members of a page',
    (db) => readMembersOfRooms(db, { roomIds: [roomId, ...page], limit: 50 }),
    2 * MEMBERS,
  ],
  ['a page of members', (db) => readMemberPage(db, { roomId, afterUserId: null, limit: 50 }), 100],
  ['the last readers', (db) => readLastReaders(db, roomId), 2 * MEMBERS],
  [
    'what was made unread since it was opened',
    (db) => readMarkedUnread(db, [{ userId, roomId, readEpoch: 0 }]),
    10,
  ],
  ['a member', (db) => readMember(db, { userId, roomId }), 10],
  ['the newest messages', (db) => readPagesBefore(db, [{ userId, roomId, at: 2 ** 53 - 1, limit: 51 }]), 200],
  ['messages in the middle', (db) => readPagesBefore(db, [{ userId, roomId, at: 50_000, limit: 51 }]), 200],
  ['messages after one', (db) => readPagesAfter(db, [{ userId, roomId, at: 50_000, limit: 51 }]), 200],
  [
    'live messages after one',
    (db) => readLiveMessagesAfter(db, { userId, roomId, afterSeq: 50_000, limit: 51 }),
    200,
  ],
  [
    'messages before a time',
    (db) => readMessagesBeforeTime(db, { userId, roomId, before: TIME, limit: 51 }),
    200,
  ],
  [
    'the newest by time',
    (db) => readMessagesBeforeTime(db, { userId, roomId, before: null, limit: 51 }),
    200,
  ],
  ['one message', (db) => readMessage(db, { userId, roomId, seq: 50_000 }), 10],
  ['the place of a message', (db) => readSeqOf(db, { roomId, messageId: 'big-50000' as MessageId }), 10],
  [
    'changed messages',
    (db) => readChangedMessages(db, { userId, rooms: new Map([[roomId, 99_000]]), limit: 100 }),
    500,
  ],
  ['previews', (db) => readPreviews(db, [roomId, ...page]), 200],
  ['recipients', (db) => readRecipients(db, [roomId]), 2 * MEMBERS],
  ['a snapshot', (db) => readSnapshot(db, [userId]), 3 * ROOMS],
  ['peers', (db) => readPeers(db, [userId]), 6 * ROOMS],
  ['who sees a new name', (db) => readNewProfiles(db, [userId]), 6 * ROOMS],
  ['a room by key', (db) => readRoomByKey(db, 'key-7'), 10],
  ['a room', (db) => readRoomHead(db, roomId), 10],
  ['people', (db) => readUsers(db, [userId, 'user-2' as UserId]), 10],
  ['blocks', (db) => readBlockPage(db, { userId, afterUserId: null, limit: 20 }), 100],
  ['a block between two', (db) => readBlockBetween(db, { userId, otherId: 'user-2' as UserId }), 10],
  ['a feed', (db) => readFeedPage(db, { userId, beforeSeq: null, limit: 20 }), 100],
  ['unread entries of a feed', (db) => readUnreadFeedPage(db, { userId, beforeSeq: null, limit: 20 }), 100],
  [
    'archived entries of a feed',
    (db) => readArchivedFeedPage(db, { userId, beforeSeq: null, limit: 20 }),
    100,
  ],
  ['the state of a feed', (db) => readFeedState(db, userId), 20],
  ['preferences', (db) => readPreferences(db, userId), 2_000],
  ['choices of those to be notified', (db) => readChosen(db, [userId]), 20],
  ['devices', (db) => readDevices(db, userId), 200],
  ['who comes with a token', (db) => readRecognizedUsers(db, [{ userId, signIn: 'x' as SignIn }]), 20],
  ['the audit of a read room', (db) => readAuditOf(db, { userId, roomId }), 100],
  ['an audit of read rooms', (db) => readAuditPage(db, { userId, afterRoomId: null, limit: 20 }), 2 * ROOMS],
  ['drifts', (db) => readDrifts(db, { userId, mostBehind: 5_000 }), 2 * ROOMS],
  ['a page of everybody', (db) => readUserIds(db, { afterUserId: userId, limit: 20 }), 100],
  ['rooms that changed lately', (db) => readRecentRooms(db, { userIds: [userId], forMs: 20_000 }), 300],
  ['what rows of the outbox are about', (db) => readPresentState(db, OUTBOX_ROWS), 300],
]

const OUTBOX_ROWS = [
  {
    id: '1',
    payload: {
      rooms: [{ roomId, first: 50_001, last: 50_100 }],
      members: [{ roomId, userId }],
    },
  },
  { id: '2', payload: { rooms: [{ roomId, change: 70_000 }], members: [] } },
]
const TWO = { readerId: userId, userId, companyId: 'user-2' as UserId }
const TIME = '2026-01-01T12:00:00.000000Z' as IsoTime

describe.each(['pglite', 'postgres'] as const)('on %s', (kind) => {
  let made: TestDatabase
  let db: Database
  let seen: Statement[] = []

  beforeAll(async () => {
    made = await createTestDatabase(kind)
    // One connection, so that the plans made while the tables were empty are those that are used afterwards.
    db = await openDatabase({ ...made.options, maxConnections: 1 })
    await migrate(db)
    // Nobody gathers statistics: what is fast must not depend on them.
    await db.transaction((schema) => schema.script(TABLES.map(withoutStatistics).join('')))
    for (let round = 0; round < 8; round++) for (const [, read] of READS) await read(db)
    await db.transaction((schema) => schema.script(FILL))
  }, 120_000)

  afterAll(async () => {
    await db.close()
    await made.drop()
  })

  test.each(READS)('%s is found by index, whatever else there is', async (_, read, mostRows) => {
    seen = []
    await read(recording(db, seen))
    expect(seen.length).toBeGreaterThan(0)
    for (const statement of seen) {
      const plan = await explain(db, kind, statement)
      expect(rowsTouched(plan), `${statement.name}: ${JSON.stringify(plan)}`).toBeLessThanOrEqual(mostRows)
    }
  })
})

const TABLES = ['users', 'rooms', 'members', 'messages', 'reactions', 'blocks']

function withoutStatistics(table: string): string {
  return `alter table ${table} set (autovacuum_enabled = false);`
}

const FILL = `
  insert into users (id, name) select 'user-' || n, 'Person ' || n from generate_series(1, ${MEMBERS}) n;
  insert into rooms (id, kind, seq, tally, change, key, metadata)
    select 'room-' || n, 'direct', 20, 20, 20, 'application:' || n, '{"userId": "user-1", "companyId": "user-2"}'
    from generate_series(0, ${ROOMS - 1}) n;
  insert into rooms (id, kind, seq, tally, change, key) values
    ('big', 'group', ${MESSAGES}, ${MESSAGES}, ${MESSAGES}, 'key-7'), ('feed:user-1', 'feed', 5000, 5000, 5000, null);
  insert into rooms (id, kind, seq, tally, change) select 'other-' || n, 'direct', 20, 20, 20 from generate_series(1, 3000) n;
  insert into members (room_id, user_id, settled, read_seq)
    select 'big', 'user-' || n, ${MESSAGES}, ${MESSAGES} from generate_series(1, ${MEMBERS}) n;
  insert into members (room_id, user_id, settled, read_seq)
    select 'room-' || n, person, 20, 20
    from generate_series(0, ${ROOMS - 1}) n, unnest(array['user-1', 'user-' || (n + 2)]) person;
  insert into members (room_id, user_id, settled, read_seq)
    select 'other-' || n, 'user-' || (2 + (n + m) % 900), 20, 20 from generate_series(1, 3000) n, generate_series(1, 2) m;
  insert into members (room_id, user_id, settled, read_seq) values ('feed:user-1', 'user-1', 5000, 5000);
  insert into messages (room_id, seq, id, tally, change, sender_id, type, text, counted, created_at)
    select 'big', n, 'big-' || n, n, n, 'user-' || (1 + n % ${MEMBERS}), 'regular', 'text ' || n, true,
      '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 s'
    from generate_series(1, ${MESSAGES}) n;
  insert into messages (room_id, seq, id, tally, change, type, text, counted, created_at, deleted_at)
    select r.id, n, r.id || '-' || n, n, n, 'regular', 'text ' || n, true,
      '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 s', case when n = 20 then now() end
    from rooms r, generate_series(1, case r.kind when 'feed' then 5000 else 20 end) n where r.id <> 'big';
  update messages set archived_at = now() where room_id = 'feed:user-1' and seq between 11 and 4990;
  insert into blocks (blocker_id, blocked_id) select 'user-1', 'user-' || n from generate_series(500, 900) n;
`

/** Runs what it is asked to run, and notes it down. */
function recording(db: Database, seen: Statement[]): Database {
  const query = <R>(statement: Statement): Promise<R[]> => {
    seen.push(statement)
    return db.query<R>(statement)
  }
  return new Proxy(db, { get: (target, name) => (name === 'query' ? query : Reflect.get(target, name)) })
}

type PlanNode = {
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Rows Removed by Join Filter'?: number
  Plans?: PlanNode[]
}

/** On a server the very plan that the connection holds under the statement's name; embedded it is made every time. */
async function explain(db: Database, kind: string, { name, text, values }: Statement): Promise<PlanNode> {
  const statement =
    kind === 'postgres'
      ? { name: '', text: `explain (analyze, format json) execute "${name}"${literals(values)}`, values: [] }
      : { name: '', text: `explain (analyze, format json) ${text}`, values }
  const [row] = await db.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(statement)
  return row!['QUERY PLAN'][0].Plan
}

function literals(values: readonly unknown[]): string {
  const literal = (value: unknown): string => {
    if (value === null) return 'null'
    if (Array.isArray(value)) return `'{${value}}'`
    return `'${String(value)}'`
  }
  return values.length === 0 ? '' : `(${values.map(literal).join(', ')})`
}

/** The most rows any step of the plan looked at. */
function rowsTouched(node: PlanNode): number {
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Join Filter'] ?? 0)
  const here = (node['Actual Rows'] + removed) * node['Actual Loops']
  return Math.max(here, ...(node.Plans ?? []).map(rowsTouched))
}
