import type { MessageId, RoomId, UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { commitGroup } from '../../src/store/commit-group.ts'
import type { SendItem } from '../../src/store/group-items.ts'
import { type Database, openDatabase } from '../../src/store/open-database.ts'
import { TestFleet } from '../../test-support/test-fleet.ts'
import { useStarted } from '../../test-support/test-tally.ts'

const WITHIN = { timeout: 15_000, interval: 20 }

describe('[28] a node that is killed between its commit and telling anybody', () => {
  const fleet = useStarted(() => TestFleet.start())

  /** What a node writes, and nothing of what it does afterwards: it has no heartbeat, and is gone. */
  async function asDeadNode<T>(write: (db: Database) => Promise<T>): Promise<T> {
    const { databaseUrl } = fleet()
    const db = await openDatabase({ databaseUrl, nodeId: 'killed' })
    try {
      return await write(db)
    } finally {
      await db.close()
    }
  }

  const message = (roomId: RoomId, senderId: string): SendItem => ({
    kind: 'member',
    id: crypto.randomUUID() as MessageId,
    roomId,
    senderId: senderId as UserId,
    text: 'the last words of a node',
    type: 'text',
    fingerprint: 'its last words',
    counted: true,
    receivedAtMs: performance.now(),
  })

  test('a message: its badge and, in the open room, its text arrive from another node', async () => {
    const roomId = await fleet().room('ann', 'ben', 'cho')
    const [ben, cho] = [await fleet().signIn('ben'), await fleet().signIn('cho')]
    expect(await cho.call('join-room', { roomId })).toMatchObject({ ok: true })
    await asDeadNode((db) => commitGroup(db, { sends: [message(roomId, 'ann')], reads: [], wait: true }))
    await expect.poll(() => ben.all('total-unread-count-updated').at(-1)?.totalUnreadCount, WITHIN).toBe(1)
    await expect.poll(() => cho.all('new-message').map(({ seq }) => seq), WITHIN).toEqual([1])
    expect(cho.all('total-unread-count-updated').at(-1)?.totalUnreadCount).toBe(0)
  }, 40_000)

  test("a reading: the reader's other device learns of it", async () => {
    const roomId = await fleet().room('dan', 'eve')
    const eve = await fleet().signIn('eve')
    await fleet().send('dan', roomId, 'read me')
    await expect.poll(() => eve.all('total-unread-count-updated').at(-1)?.totalUnreadCount, WITHIN).toBe(1)
    const read = { userId: 'eve' as UserId, roomId }
    await asDeadNode((db) => commitGroup(db, { sends: [], reads: [read], wait: true }))
    await expect.poll(() => eve.all('total-unread-count-updated').at(-1)?.totalUnreadCount, WITHIN).toBe(0)
  }, 40_000)
})
