import type { MessageId, NotificationId, UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { feedOf } from '../../src/core/feed.ts'
import { block } from '../../src/store/block.ts'
import { deleteMessage } from '../../src/store/delete-message.ts'
import { type DeleteUser, deleteUser, removalsUnderWay } from '../../src/store/delete-user.ts'
import { ensureFeeds } from '../../src/store/ensure-feeds.ts'
import { ensureUsers } from '../../src/store/ensure-users.ts'
import { startMarkAllRead, stepMarkAllRead, usersWithPendingReads } from '../../src/store/mark-all-read.ts'
import { markUnread } from '../../src/store/mark-unread.ts'
import { purgeMessages } from '../../src/store/purge-messages.ts'
import { react } from '../../src/store/react.ts'
import { readNotifications } from '../../src/store/read-notifications.ts'
import { removeMember } from '../../src/store/remove-member.ts'
import { unblock } from '../../src/store/unblock.ts'
import { upsertUser } from '../../src/store/upsert-user.ts'
import { KINDS, limits, refusal, useStore } from './store-world.ts'

describe.each(KINDS)('blocks and accounts on %s', (kind) => {
  const world = useStore(kind)

  const blockBy = (blockerId: UserId, blockedId: UserId) =>
    world().did(block(world().db, { blockerId, blockedId, limits }))
  const unblockBy = (blockerId: UserId, blockedId: UserId) =>
    world().did(unblock(world().db, { blockerId, blockedId }))

  test('a block counts anew in every room where both ever were, also those that one of them left', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const rooms = [
      await world().room(alice, bob),
      await world().room(alice, bob),
      await world().room(alice, bob),
    ]
    for (const room of rooms) await world().sendMany(bob, room, 2)
    await world().did(removeMember(world().db, { actorId: bob, roomId: rooms[1]!, userId: bob }))
    await world().did(removeMember(world().db, { actorId: alice, roomId: rooms[2]!, userId: alice }))
    expect((await blockBy(alice, bob)).members).toHaveLength(3)
    for (const room of rooms) expect(await world().unread(alice, room)).toBe(0)
    expect(await blockBy(alice, bob)).toMatchObject({ changed: false, outboxId: null })
    await world().send(bob, rooms[0]!, 'three')
    expect((await unblockBy(alice, bob)).members).toHaveLength(3)
    expect(await world().unread(alice, rooms[0]!)).toBe(3)
    expect(await unblockBy(alice, bob)).toMatchObject({ changed: false, outboxId: null })
  })

  test('a block is one-sided, and marking unread leaves blocked messages out', async () => {
    const { alice, bob, carol } = await world().people('alice', 'bob', 'carol')
    const room = await world().room(alice, bob, carol)
    await blockBy(alice, bob)
    await world().send(bob, room, '1')
    await world().send(carol, room, '2')
    await world().send(alice, room, '3')
    await world().readHead(alice, room)
    await world().did(markUnread(world().db, { userId: alice, roomId: room, fromSeq: 1 }))
    expect(await world().unread(alice, room)).toBe(1)
    expect(await world().unread(bob, room)).toBe(2)
  })

  test('whoever is blocked by somebody in the room is a sender like any other for the rest', async () => {
    const { alice, bob, carol, dave } = await world().people('alice', 'bob', 'carol', 'dave')
    const room = await world().room(alice, bob, carol, dave)
    await blockBy(alice, bob)
    await blockBy(carol, bob)
    const groupsBefore = world().told.length
    await Promise.all(Array.from({ length: 5 }, (_, index) => world().send(bob, room, `${index}`)))
    const versions = world()
      .told.slice(groupsBefore)
      .flatMap(({ committed }) => committed.members)
    expect(new Set(versions.map(({ userId }) => userId))).toEqual(new Set([alice, bob, carol]))
    expect(await world().member(alice, room)).toMatchObject({ unread: 0, settled: 5, version: 6 })
    expect(await world().unread(dave, room)).toBe(5)
  })

  test('a message of somebody blocked that is deleted or purged was settled already', async () => {
    const { alice, bob, carol } = await world().people('alice', 'bob', 'carol')
    const room = await world().room(alice, bob, carol)
    await blockBy(alice, bob)
    for (const from of [bob, carol, bob, carol]) await world().send(from, room, 'hi')
    await world().did(deleteMessage(world().db, { userId: bob, roomId: room, seq: 3 }))
    expect(await world().unread(alice, room)).toBe(2)
    await world().did(purgeMessages(world().db, { roomId: room, beforeSeq: 3, limit: 10 }))
    expect(await world().unread(alice, room)).toBe(1)
    await unblockBy(alice, bob)
    expect(await world().unread(alice, room)).toBe(1)
  })

  test('blocks are for people who are known, and limited', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const { db } = world()
    await expect(blockBy(alice, 'ghost' as UserId)).rejects.toEqual(refusal('user_not_found'))
    const few = block(db, { blockerId: alice, blockedId: bob, limits: { blocksPerUser: 0 } })
    await expect(few).rejects.toMatchObject({ code: 'limit_exceeded', details: { limit: 'blocksPerUser' } })
  })

  test('[12] a mark-all-read that stopped in the middle is found and completed; a room marked unread since stays so', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const rooms = (await Promise.all([1, 2, 3].map(() => world().room(alice, bob)))).sort()
    for (const room of rooms) await world().sendMany(alice, room, 2)
    const { db } = world()
    await startMarkAllRead(db, { userId: bob })
    await world().did(stepMarkAllRead(db, { userId: bob, limit: 1 }))
    await world().did(markUnread(db, { userId: bob, roomId: rooms[2]!, fromSeq: 1 }))
    await world().readHead(bob, rooms[1]!)
    expect(await usersWithPendingReads(db)).toEqual([bob])
    expect(await world().did(stepMarkAllRead(db, { userId: bob, limit: 9 }))).toMatchObject({
      more: false,
      members: [],
    })
    expect(await usersWithPendingReads(db)).toEqual([])
    expect(await Promise.all(rooms.map((room) => world().unread(bob, room)))).toEqual([0, 0, 2])
  })

  test('a person is kept up to date, and not written when nothing is new', async () => {
    const { db } = world()
    const userId = 'kim' as UserId
    expect(await upsertUser(db, { userId, name: '김민지' })).toEqual({
      id: userId,
      name: '김민지',
      image: null,
      userType: null,
    })
    const stamp = () =>
      db.query({ name: '', text: 'select xmin::text, updated_at from users where id = $1', values: [userId] })
    const before = await stamp()
    await upsertUser(db, { userId, name: '김민지' })
    await ensureUsers(db, [userId])
    expect(await stamp()).toEqual(before)
    expect(await upsertUser(db, { userId, userType: 'company' })).toMatchObject({
      name: '김민지',
      userType: 'company',
    })
    expect(await upsertUser(db, { userId, name: null })).toMatchObject({ name: null, userType: 'company' })
  })

  test('an account is gone at once, and a step has no more rooms than it can look through', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const rooms = [await world().room(alice, bob), await world().room(alice, bob)].sort()
    const { db } = world()
    for (const room of rooms) await world().sendMany(alice, room, 2)
    const step = (more: Partial<DeleteUser>) =>
      world().did(deleteUser(db, { userId: bob, limit: 10, messages: 2, ...more }))
    expect(await step({ limit: 0 })).toMatchObject({ rooms: [], more: true })
    expect(await removalsUnderWay(db)).toMatchObject([{ userId: bob }])
    const first = await step({})
    expect(first).toMatchObject({ rooms: [{ roomId: rooms[0] }], afterRoomId: rooms[0], more: true })
    const last = await step({ afterRoomId: rooms[0]! })
    expect(last).toMatchObject({ rooms: [{ roomId: rooms[1] }], more: true })
    expect(await step({ afterRoomId: rooms[1]! })).toMatchObject({ rooms: [], more: false })
    expect(await removalsUnderWay(db)).toEqual([])
  })

  test('an account is removed room by room, from wherever it stopped, and every count stays right', async () => {
    const { alice, bob, carol } = await world().people('alice', 'bob', 'carol')
    const rooms = [
      await world().room(alice, bob, carol),
      await world().room(bob, alice),
      await world().room(alice, bob),
    ]
    const { db } = world()
    await blockBy(alice, bob)
    await blockBy(bob, carol)
    for (const room of rooms) {
      await world().send(bob, room, 'mine', { clientId: 'c1' })
      await world().send(alice, room, 'hi')
    }
    await world().send(carol, rooms[0]!, 'hello')
    await world().did(react(db, { userId: bob, roomId: rooms[0]!, seq: 2, emoji: '👍', on: true, limits }))

    // A notification that was read alone must not count again when the feed is counted anew.
    await world().did(ensureFeeds(db, { userIds: [bob] }))
    const notification = { kind: 'system', id: 'noted' as MessageId } as const
    await world().groups.send(world().item(null, feedOf(bob), 'news', notification))
    await world().did(readNotifications(db, { userId: bob, ids: ['noted' as NotificationId] }))

    const first = await world().did(deleteUser(db, { userId: bob, limit: 2, messages: 1000 }))
    expect(first).toMatchObject({ more: true })
    expect(await removalsUnderWay(db)).toMatchObject([{ userId: bob }])
    expect(await upsertUser(db, { userId: bob, name: 'Bob again' })).toMatchObject({ name: null })
    await world().did(deleteUser(db, { userId: bob, limit: 2, messages: 1000 }))
    let step = await world().did(deleteUser(db, { userId: bob, limit: 2, messages: 1000 }))
    while (step.more && step.afterRoomId !== null) {
      step = await world().did(
        deleteUser(db, { userId: bob, limit: 2, messages: 1000, afterRoomId: step.afterRoomId }),
      )
    }
    expect(await removalsUnderWay(db)).toEqual([])
    expect(await world().count('select count(*) from messages where sender_id = $1', [bob])).toBe(0)
    expect(await world().count('select count(*) from reactions where user_id = $1', [bob])).toBe(0)
    for (const room of rooms) expect((await world().member(bob, room)).leftAt).not.toBeNull()
    await expect(world().send(bob, rooms[0]!, 'x')).rejects.toEqual(refusal('room_not_found'))
    await expect(blockBy(alice, bob)).rejects.toEqual(refusal('user_not_found'))

    expect(await upsertUser(db, { userId: bob, name: 'Bob again' })).toMatchObject({ name: 'Bob again' })
    await world().join(rooms[0]!, bob)
    await expect(deleteUser(db, { userId: 'ghost' as UserId, limit: 1, messages: 1 })).rejects.toEqual(
      refusal('user_not_found'),
    )
  })
})
