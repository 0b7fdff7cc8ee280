import { randomUUID } from 'node:crypto'
import { LIMITS, type MessageId, type RoomId, type UserId } from '@tally/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addMembers } from '../../src/store/add-members.ts'
import { archiveNotifications } from '../../src/store/archive-notifications.ts'
import { block } from '../../src/store/block.ts'
import { commitGroup } from '../../src/store/commit-group.ts'
import { deleteMessage } from '../../src/store/delete-message.ts'
import { editMessage } from '../../src/store/edit-message.ts'
import type { SendItem } from '../../src/store/group-items.ts'
import { startMarkAllRead, stepMarkAllRead } from '../../src/store/mark-all-read.ts'
import { markUnread } from '../../src/store/mark-unread.ts'
import { migrate } from '../../src/store/migrate.ts'
import { type Database, openDatabase } from '../../src/store/open-database.ts'
import { purgeMessages } from '../../src/store/purge-messages.ts'
import { react } from '../../src/store/react.ts'
import { readUpTo } from '../../src/store/read-up-to.ts'
import { removeMember } from '../../src/store/remove-member.ts'
import { repairMember } from '../../src/store/repair-member.ts'
import { unblock } from '../../src/store/unblock.ts'
import { createTestDatabase, type TestDatabase } from '../../test-support/test-database.ts'
import { lookedAt, within } from './looked-at.ts'
import { KINDS } from './store-world.ts'

// A room of 50,000 messages of which nearly all are read, and a person in 500 other rooms, with a feed of 5,000 entries of
// which nearly all were put away.
const MESSAGES = 50_000
const ROOMS = 500
const GROUP = 100

const limits = LIMITS
const [alice, bob, carol] = ['alice', 'bob', 'carol'] as UserId[] as [UserId, UserId, UserId]
const room = 'big' as RoomId
let head = 0

/** Every write that somebody waits for, and how many rows it may look at, whatever else there is. */
const WRITES: [name: string, write: (db: Database) => Promise<unknown>, mostRows: number][] = [
  ['a group', (db) => commitGroup(db, { sends: sends(GROUP), reads: READS, wait: false }), 30 * GROUP],
  [
    'a group that waits',
    (db) => commitGroup(db, { sends: sends(GROUP), reads: READS, wait: true }),
    30 * GROUP,
  ],
  ['a read', (db) => readUpTo(db, { userId: bob, roomId: room, upToSeq: head - 10 }), 100],
  ['a mark-unread', (db) => markUnread(db, { userId: bob, roomId: room, fromSeq: head - 10 }), 3 * GROUP],
  [
    'an edit',
    (db) => editMessage(db, { userId: alice, roomId: room, seq: head - 5, text: randomUUID() }),
    100,
  ],
  [
    'a reaction',
    (db) => react(db, { userId: alice, roomId: room, seq: head - 5, emoji: '👍', on: true, limits }),
    100,
  ],
  ['a deletion', (db) => deleteMessage(db, { userId: alice, roomId: room, seq: head - 4 }), 100],
  ['a block', (db) => block(db, { blockerId: bob, blockedId: alice, limits }), 6 * ROOMS],
  ['an unblock', (db) => unblock(db, { blockerId: bob, blockedId: alice }), 6 * ROOMS],
  ['a leave', (db) => removeMember(db, { actorId: carol, roomId: room, userId: carol }), 100],
  ['a join', (db) => join(db), 3 * ROOMS],
  ['a purge', (db) => purgeMessages(db, { roomId: room, beforeSeq: 5, limit: 2 }), 200],
  ['a repair', (db) => repairMember(db, { userId: bob, roomId: room }), 10 * GROUP],
  ['the start of a mark-all-read', (db) => startMarkAllRead(db, { userId: bob }), 8 * ROOMS],
  [
    'an archiving of what was read',
    (db) => archiveNotifications(db, { userId: bob, ids: 'read', archived: true }),
    300,
  ],
  ['a step of a mark-all-read', (db) => stepMarkAllRead(db, { userId: bob, limit: 10 }), 200],
]

const READS = [{ userId: bob, roomId: room }]

function join(db: Database) {
  return addMembers(db, { actorId: null, roomId: room, userIds: [carol], role: 'member', limits })
}

function sends(count: number): SendItem[] {
  return Array.from({ length: count }, () => ({
    kind: 'member',
    id: randomUUID() as MessageId,
    roomId: room,
    senderId: alice,
    text: 'hi',
    type: 'regular',
    clientId: randomUUID() as NonNullable<SendItem['clientId']>,
    fingerprint: 'f',
    ...(head === 0 ? {} : { replyTo: 3 }),
    counted: true,
    receivedAtMs: 0,
  }))
}

describe.each(KINDS)('plans made while the tables were empty, on %s', (kind) => {
  let made: TestDatabase
  let db: Database

  beforeAll(async () => {
    head = 0
    made = await createTestDatabase(kind)
    // One connection, so that the plans made at first are those that are used afterwards.
    db = await openDatabase({ ...made.options, maxConnections: 1 })
    await migrate(db)
    await db.transaction((schema) => schema.script(BEGINNING))
    for (let round = 0; round < 8; round += 1) {
      await commitGroup(db, { sends: sends(GROUP), reads: READS, wait: false })
      head = await headOf(db)
      for (const [, write] of WRITES) await write(db)
    }
    await db.transaction((schema) => schema.script(FILL))
    head = MESSAGES
  }, 180_000)

  afterAll(async () => {
    await db.close()
    await made.drop()
  })

  test.each(WRITES)('%s looks at few rows when they are full', async (_, write, mostRows) => {
    const looked = await db.transaction(async (transaction) => {
      const before = await lookedAt(transaction)
      await write(within(transaction))
      return (await lookedAt(transaction)) - before
    })
    expect(looked).toBeGreaterThan(0)
    expect(looked).toBeLessThanOrEqual(mostRows)
  })
})

async function headOf(db: Database): Promise<number> {
  const [row] = await db.query<{ seq: number }>({
    name: '',
    text: 'select seq from rooms where id = $1',
    values: [room],
  })
  return row!.seq
}

// Nobody gathers statistics: what is fast must not depend on them.
const BEGINNING = `
  alter table users set (autovacuum_enabled = false); alter table rooms set (autovacuum_enabled = false);
  alter table members set (autovacuum_enabled = false); alter table messages set (autovacuum_enabled = false);
  alter table blocks set (autovacuum_enabled = false); alter table reactions set (autovacuum_enabled = false);
  insert into users (id) values ('alice'), ('bob'), ('carol');
  insert into rooms (id, kind) values ('big', 'group');
  insert into members (room_id, user_id, settled, read_seq) values ('big', 'alice', 0, 0), ('big', 'bob', 0, 0), ('big', 'carol', 0, 0);`

const FILL = `
  delete from reactions; delete from messages;
  insert into messages (room_id, seq, id, tally, change, sender_id, client_id, fingerprint, type, text, counted, created_at)
    select 'big', n, 'm-' || n, n, n, 'alice', 'key-' || n, 'f', 'regular', 'hi', true,
      '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 s'
    from generate_series(1, ${MESSAGES}) n;
  update rooms set seq = ${MESSAGES}, tally = ${MESSAGES}, change = ${MESSAGES} where id = 'big';
  update members set read_seq = ${MESSAGES - 20}, settled = ${MESSAGES - 20} where room_id = 'big';
  insert into rooms (id, kind) select 'room-' || n, 'group' from generate_series(1, ${ROOMS}) n;
  insert into members (room_id, user_id, settled, read_seq)
    select 'room-' || n, person, 0, 0 from generate_series(1, ${ROOMS}) n, unnest(array['bob', 'carol']) person;
  insert into rooms (id, kind, seq, tally, change) values ('feed:bob', 'feed', 5000, 5000, 5000);
  insert into members (room_id, user_id, settled, read_seq) values ('feed:bob', 'bob', 5000, 5000);
  insert into messages (room_id, seq, id, tally, change, type, text, counted, created_at, settled_alone_at, archived_at)
    select 'feed:bob', n, 'news-' || n, n, n, 'news', 'hi', true, now(), now(), case when n <= 4980 then now() end
    from generate_series(1, 5000) n;`
