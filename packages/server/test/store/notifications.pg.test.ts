import type { NotificationId, UserId } from '@tally/protocol'
import { describe, expect, test, vi } from 'vitest'
import { feedOf } from '../../src/core/feed.ts'
import { ensureFeeds } from '../../src/store/ensure-feeds.ts'
import { startMarkAllRead } from '../../src/store/mark-all-read.ts'
import { purgeMessages } from '../../src/store/purge-messages.ts'
import { readNotifications } from '../../src/store/read-notifications.ts'
import { readUpTo } from '../../src/store/read-up-to.ts'
import { within } from './looked-at.ts'
import { KINDS, refusal, StoreWorld, useStore } from './store-world.ts'

describe.each(KINDS)('the notification feed on %s', (kind) => {
  const world = useStore(kind)

  async function notify(
    userId: UserId,
    text: string,
    more: { clientId?: string } = {},
  ): Promise<NotificationId> {
    await world().did(ensureFeeds(world().db, { userIds: [userId] }))
    const item = { kind: 'system' as const, data: { title: text, link: null }, ...more }
    const { message } = await world().groups.send(world().item(null, feedOf(userId), text, item))
    expect(message).toMatchObject({ counted: true, data: { title: text, link: null } })
    return message.id as string as NotificationId
  }

  const read = (userId: UserId, ids: NotificationId[] | 'all') =>
    world().did(readNotifications(world().db, { userId, ids }))

  test('a feed is made with the first notification, once, and for people who are known', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const { db } = world()
    const made = await Promise.all(
      [1, 2, 3].map(() => world().did(ensureFeeds(db, { userIds: [alice, bob] }))),
    )
    expect(made.flatMap(({ members }) => members)).toHaveLength(2)
    await expect(ensureFeeds(db, { userIds: [alice, 'ghost' as UserId] })).rejects.toEqual(
      refusal('user_not_found'),
    )
  })

  test('[25] entries count one by one, until each is read alone or all are', async () => {
    const { alice } = await world().people('alice')
    const ids = [
      await notify(alice, '1'),
      await notify(alice, '2'),
      await notify(alice, '3'),
      await notify(alice, '4'),
    ]
    const feed = feedOf(alice)
    expect(await world().unread(alice, feed)).toBe(4)
    expect(await read(alice, [ids[1]!, ids[3]!, 'unknown' as NotificationId])).toMatchObject({ count: 2 })
    expect(await world().unread(alice, feed)).toBe(2)
    expect(await read(alice, [ids[1]!])).toMatchObject({ count: 0, outboxId: null })
    await notify(alice, '5')
    expect(await read(alice, 'all')).toMatchObject({ count: 3 })
    expect(await world().unread(alice, feed)).toBe(0)
    expect(await read(alice, 'all')).toMatchObject({ count: 0, outboxId: null })
    await notify(alice, '6')
    expect(await world().unread(alice, feed)).toBe(1)
  })

  test('an entry read alone and purged afterwards is settled once', async () => {
    const { alice } = await world().people('alice')
    const first = await notify(alice, '1')
    await notify(alice, '2')
    await read(alice, [first])
    await world().did(purgeMessages(world().db, { roomId: feedOf(alice), beforeSeq: 3, limit: 10 }))
    expect(await world().unread(alice, feedOf(alice))).toBe(0)
    await notify(alice, '3')
    expect(await world().unread(alice, feedOf(alice))).toBe(1)
  })

  test('the same key makes no second entry in the same feed', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const ids = [await notify(alice, 'x', { clientId: 'k' }), await notify(alice, 'x', { clientId: 'k' })]
    expect(ids[0]).toBe(ids[1])
    expect(await notify(bob, 'x', { clientId: 'k' })).not.toBe(ids[0])
    expect(await world().unread(alice, feedOf(alice))).toBe(1)
  })

  test('a feed is no room to talk in, to open or to mark', async () => {
    const { alice } = await world().people('alice')
    await notify(alice, '1')
    const feed = feedOf(alice)
    const attempts = [
      world().send(alice, feed, 'x'),
      world().readHead(alice, feed),
      readUpTo(world().db, { userId: alice, roomId: feed, upToSeq: 1 }),
    ]
    for (const attempt of await Promise.allSettled(attempts)) {
      expect(attempt).toMatchObject({ status: 'rejected', reason: refusal('room_not_found') })
    }
    expect(await startMarkAllRead(world().db, { userId: alice })).toEqual({ rooms: 0 })
    expect(await world().unread(alice, feed)).toBe(1)
  })
})

// The embedded database has one connection: nobody comes in between.
describe('the first notifications of somebody on postgres', () => {
  const world = useStore('postgres')

  test('all stay, also what is in the feed when another who looked for it before gets to make it', async () => {
    const { alice } = await world().people('alice')
    const { db } = world()
    const late = await db.transaction(async (transaction) => {
      const first = new StoreWorld(within(transaction), world().options)
      await transaction.query({ text: 'select from users where id = $1 for update', values: [alice] })
      const later = ensureFeeds(db, { userIds: [alice] })
      await vi.waitUntil(() => world().count(WAITING), { timeout: 10_000, interval: 5 })
      await world().did(ensureFeeds(first.db, { userIds: [alice] }))
      await first.groups.send(first.item(null, feedOf(alice), 'first', { kind: 'system' }))
      for (const { committed } of first.told) world().merge(committed)
      return { later }
    })
    expect(await late.later).toMatchObject({ rooms: [], members: [], outboxId: null })
    expect(await world().unread(alice, feedOf(alice))).toBe(1)
    const kept = await world().count(
      'select count(*) from messages where room_id = $1 and deleted_at is null',
      [feedOf(alice)],
    )
    expect(kept).toBe(1)
  })
})

/** Who waits for the person. */
const WAITING = `
  select count(*) from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock' and query like '%ensure_feeds%'`
