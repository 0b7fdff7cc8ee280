import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MessageId, UserId } from '@tally/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import { fingerprintOf } from '../../src/store/fingerprint.ts'
import { GroupCommit } from '../../src/store/group-commit.ts'
import { startMarkAllRead, stepMarkAllRead, usersWithPendingReads } from '../../src/store/mark-all-read.ts'
import { type Database, openDatabase } from '../../src/store/open-database.ts'
import { DATABASES } from '../../test-support/host.ts'
import {
  createTestDatabase,
  type TestDatabase,
  type TestDatabaseKind,
} from '../../test-support/test-database.ts'
import { startTallyOn, type TestTally } from '../../test-support/test-tally.ts'
import { World } from './scenario-world.ts'

describe.each(DATABASES)('a server that ends in the middle, on %s', (kind) => {
  const endings: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end()
  })

  test('[12] mark all read is completed by the next start; what came after its beginning stays unread', async () => {
    const database = await lastingDatabase(kind)
    endings.push(database.drop)
    const first = await startTallyOn(database.options)
    const w = new World(first)
    const rooms = await Promise.all(Array.from({ length: 6 }, () => w.room('a', 'b')))
    await Promise.all(rooms.map((roomId) => w.sendMany('b', roomId, 3)))
    await w.ask('POST', `/v1/rooms/${rooms[0]}/mute`, { as: 'a', body: { muted: true } })
    await first.stop()

    // What a server leaves behind that dies after its second room, while messages go on.
    const userId = w.person('a') as UserId
    await beside(database.options, async (db) => {
      expect(await startMarkAllRead(db, { userId })).toEqual({ rooms: 6 })
      expect(await stepMarkAllRead(db, { userId, limit: 2 })).toMatchObject({ more: true })
      await sendDirectly(db, { roomId: rooms[5] as string, senderId: w.person('b') })
    })

    const second = await startTallyOn(database.options)
    endings.push(() => second.stop())
    await completed(second)
    const again = w.on(second)
    expect(await again.badge('a')).toMatchObject({ total: 1, unreadRooms: 1 })
    const unread = await Promise.all(rooms.map((roomId) => again.unread('a', roomId)))
    expect(unread).toEqual([0, 0, 0, 0, 0, 1])
    await again.expectExact('a', 'b')
  }, 60_000)
})

/** A database that a server can be started on again. */
async function lastingDatabase(kind: TestDatabaseKind): Promise<TestDatabase> {
  if (kind === 'postgres') return createTestDatabase(kind)
  const dataDir = await mkdtemp(join(tmpdir(), 'tally-'))
  return { options: { dataDir }, drop: () => rm(dataDir, { recursive: true }) }
}

async function beside(
  options: TestDatabase['options'],
  work: (db: Database) => Promise<void>,
): Promise<void> {
  const db = await openDatabase(options)
  try {
    await work(db)
  } finally {
    await db.close()
  }
}

async function sendDirectly(
  db: Database,
  { roomId, senderId }: { roomId: string; senderId: string },
): Promise<void> {
  const groups = new GroupCommit(db, { maxGroupSize: 1, maxQueued: 1 })
  const text = 'after it began'
  const type = 'regular'
  await groups.send({
    kind: 'member',
    id: crypto.randomUUID() as MessageId,
    roomId: roomId as never,
    senderId: senderId as UserId,
    text,
    type,
    counted: true,
    fingerprint: fingerprintOf({ text, type, replyTo: undefined }),
    receivedAtMs: performance.now(),
  })
}

/** Nothing is left of what was begun. */
async function completed(tally: TestTally): Promise<void> {
  await expect.poll(() => usersWithPendingReads(tally.ctx.db), { timeout: 20_000, interval: 10 }).toEqual([])
}
