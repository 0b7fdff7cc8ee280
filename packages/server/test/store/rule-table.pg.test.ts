import { describe, expect, test } from 'vitest'
import { block } from '../../src/store/block.ts'
import { deleteMessage } from '../../src/store/delete-message.ts'
import { editMessage } from '../../src/store/edit-message.ts'
import { startMarkAllRead, stepMarkAllRead } from '../../src/store/mark-all-read.ts'
import { markUnread } from '../../src/store/mark-unread.ts'
import { react } from '../../src/store/react.ts'
import { readUpTo } from '../../src/store/read-up-to.ts'
import { removeMember } from '../../src/store/remove-member.ts'
import { setArchived } from '../../src/store/set-archived.ts'
import { setMuted } from '../../src/store/set-muted.ts'
import { unblock } from '../../src/store/unblock.ts'
import { KINDS, limits, refusal, useStore } from './store-world.ts'

describe.each(KINDS)('the rule table on %s', (kind) => {
  const world = useStore(kind)

  test("another's message is one more unread and touches no row of mine", async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    const before = await world().member(bob, room)
    await world().send(alice, room, 'hi')
    const after = await world().member(bob, room)
    expect(after.unread).toBe(1)
    expect(after).toMatchObject({ version: before.version, settled: before.settled, tally: before.tally + 1 })
  })

  test('my own message is settled for me and does not move my cursor', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    await world().send(alice, room, 'hi')
    expect(await world().member(alice, room)).toMatchObject({ unread: 0, readSeq: 0, settled: 1, version: 2 })
  })

  test('[4] a message that commits just before my reply from the lock screen stays unread', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    await world().send(bob, room, 'not seen yet')
    await world().send(alice, room, 'reply')
    expect(await world().unread(alice, room)).toBe(1)
    await Promise.all([world().send(bob, room, 'same moment'), world().send(alice, room, 'reply again')])
    expect(await world().unread(alice, room)).toBe(2)
  })

  test('[11] a system message is in the room and unread for nobody', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    const { message } = await world().sendSystem(room, 'alice joined')
    expect(message).toMatchObject({ seq: 1, tally: 0, counted: false, senderId: null })
    expect(await world().unread(alice, room)).toBe(0)
    expect(await world().unread(bob, room)).toBe(0)
    await world().did(deleteMessage(world().db, { userId: null, roomId: room, seq: 1 }))
    expect(await world().member(bob, room)).toMatchObject({ unread: 0, settled: 0 })
  })

  test('[3] reading the second of three leaves one, reading beyond the head reads to the head', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    await world().sendMany(alice, room, 3)
    const read = await world().did(readUpTo(world().db, { userId: bob, roomId: room, upToSeq: 2 }))
    expect(read).toMatchObject({ readSeq: 2, readEpoch: 0, advanced: true })
    expect(await world().unread(bob, room)).toBe(1)
    const rest = await world().did(readUpTo(world().db, { userId: bob, roomId: room, upToSeq: 1_000_000 }))
    expect(rest).toMatchObject({ readSeq: 3, advanced: true })
    expect(await world().member(bob, room)).toMatchObject({ unread: 0, settled: 3 })
  })

  test('[20] a late, older read changes nothing', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    await world().sendMany(alice, room, 3)
    await world().did(readUpTo(world().db, { userId: bob, roomId: room, upToSeq: 3 }))
    const late = await world().did(readUpTo(world().db, { userId: bob, roomId: room, upToSeq: 1 }))
    expect(late).toMatchObject({ readSeq: 3, advanced: false, outboxId: null, members: [] })
  })

  test('[12] marked unread from a message, it and what follows is unread, and reads in flight change nothing', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    await world().sendMany(alice, room, 3)
    await world().send(bob, room, 'mine')
    await world().readHead(bob, room)
    const marked = await world().did(markUnread(world().db, { userId: bob, roomId: room, fromSeq: 2 }))
    expect(marked).toMatchObject({ readSeq: 1, readEpoch: 1 })
    expect(await world().unread(bob, room)).toBe(2)

    await world().did(readUpTo(world().db, { userId: bob, roomId: room, upToSeq: 4, readEpoch: 0 }))
    expect(await world().readHead(bob, room, { readEpoch: 0 })).toEqual({ readSeq: 1, readEpoch: 1 })
    expect(await world().unread(bob, room)).toBe(2)
    await world().send(alice, room, 'new')
    expect(await world().unread(bob, room)).toBe(3)
    await world().readHead(bob, room, { readEpoch: 1 })
    expect(await world().unread(bob, room)).toBe(0)
  })

  test('marked unread beyond the head, before the first and in the middle of the unread', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    await world().sendMany(alice, room, 4)
    const mark = (fromSeq: number) =>
      world().did(markUnread(world().db, { userId: bob, roomId: room, fromSeq }))
    expect(await mark(3)).toMatchObject({ readSeq: 2 })
    expect(await world().unread(bob, room)).toBe(2)
    expect(await mark(99)).toMatchObject({ readSeq: 4 })
    expect(await world().unread(bob, room)).toBe(0)
    expect(await mark(-5)).toMatchObject({ readSeq: 0, readEpoch: 3 })
    expect(await world().unread(bob, room)).toBe(4)
  })

  test('[5] deleting an unread message lowers the count once, deleting a read one changes nothing', async () => {
    const { alice, bob, carol, dave } = await world().people('alice', 'bob', 'carol', 'dave')
    const room = await world().room(alice, bob, carol, dave)
    await world().did(setMuted(world().db, { userId: carol, roomId: room, muted: true }))
    await world().sendMany(alice, room, 2)
    await world().did(removeMember(world().db, { actorId: null, roomId: room, userId: dave }))
    await world().did(readUpTo(world().db, { userId: bob, roomId: room, upToSeq: 1 }))

    const first = await world().did(deleteMessage(world().db, { userId: alice, roomId: room, seq: 1 }))
    expect(first).toMatchObject({
      changed: true,
      message: { seq: 1, text: '', deletedAt: expect.any(String) },
    })
    expect(await world().unread(bob, room)).toBe(1)
    // Those who muted or left are settled too: they may unmute, and counts are checked for everyone.
    expect(await world().unread(carol, room)).toBe(1)
    expect(await world().unread(dave, room)).toBe(1)
    expect(await world().unread(alice, room)).toBe(0)
    const again = await world().did(deleteMessage(world().db, { userId: alice, roomId: room, seq: 1 }))
    expect(again).toMatchObject({ changed: false, outboxId: null })
    expect(await world().unread(carol, room)).toBe(1)
  })

  test('[6] deleting an unread reply leaves no count that reading cannot clear', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    await world().send(bob, room, 'question')
    const { message } = await world().send(alice, room, 'answer', { replyTo: 1 })
    expect(message.replyTo).toBe(1)
    await world().did(deleteMessage(world().db, { userId: alice, roomId: room, seq: 2 }))
    expect(await world().unread(bob, room)).toBe(0)
    await world().readHead(bob, room)
    expect(await world().member(bob, room)).toMatchObject({ unread: 0, readSeq: 2 })
  })

  test('editing and reacting change no count', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    await world().send(alice, room, 'hi')
    await world().did(editMessage(world().db, { userId: alice, roomId: room, seq: 1, text: 'hello' }))
    await world().did(react(world().db, { userId: bob, roomId: room, seq: 1, emoji: '👍', on: true, limits }))
    expect(await world().unread(bob, room)).toBe(1)
    expect(await world().unread(alice, room)).toBe(0)
  })

  test('[9] counting goes on while a room is muted, so that unmuting shows the exact number', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    const mute = (muted: boolean) => world().did(setMuted(world().db, { userId: bob, roomId: room, muted }))
    expect((await mute(true)).members).toMatchObject([{ userId: bob, muted: true, version: 2 }])
    await world().sendMany(alice, room, 3)
    expect((await mute(true)).outboxId).toBeNull()
    expect((await mute(false)).members).toMatchObject([{ userId: bob, muted: false, settled: 0, version: 3 }])
    expect(await world().unread(bob, room)).toBe(3)
  })

  test('an archived room comes back with its next counted message, not with a system message', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    const archive = (archived: boolean) =>
      world().did(setArchived(world().db, { userId: bob, roomId: room, archived }))
    const isArchived = async () => {
      const { archivedAtTally, tally } = await world().member(bob, room)
      return archivedAtTally !== null && archivedAtTally >= tally
    }
    await world().send(alice, room, 'one')
    expect((await archive(true)).members).toMatchObject([{ archivedAtTally: 1 }])
    await world().sendSystem(room, 'note')
    expect(await isArchived()).toBe(true)
    expect((await archive(true)).outboxId).toBeNull()
    await world().send(alice, room, 'two')
    expect(await isArchived()).toBe(false)
    await archive(true)
    expect((await archive(false)).members).toMatchObject([{ archivedAtTally: null }])
  })

  test("[10] a blocked person's messages count for nobody who blocks, and as the recount after unblocking", async () => {
    const { alice, bob, carol } = await world().people('alice', 'bob', 'carol')
    const room = await world().room(alice, bob, carol)
    await world().send(bob, room, 'before')
    const blocked = await world().did(block(world().db, { blockerId: alice, blockedId: bob, limits }))
    expect(blocked).toMatchObject({ changed: true, rooms: [], members: [{ userId: alice, settled: 1 }] })
    await Promise.all([
      world().send(bob, room, '1'),
      world().send(bob, room, '2'),
      world().send(carol, room, '3'),
    ])
    expect(await world().unread(alice, room)).toBe(1)
    expect(await world().unread(carol, room)).toBe(3)
    await world().readHead(alice, room)
    await world().send(bob, room, 'unseen')
    expect(await world().unread(alice, room)).toBe(0)
    await world().did(unblock(world().db, { blockerId: alice, blockedId: bob }))
    expect(await world().unread(alice, room)).toBe(1)
  })

  test('[12] mark all read reads to the heads of its moment; what arrives meanwhile stays unread', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const rooms = await Promise.all([1, 2, 3, 4].map(() => world().room(alice, bob)))
    for (const room of rooms.slice(0, 3)) await world().sendMany(alice, room, 2)
    expect(await startMarkAllRead(world().db, { userId: bob })).toEqual({ rooms: 3 })
    for (const room of rooms) await world().send(alice, room, 'meanwhile')

    const step = () => world().did(stepMarkAllRead(world().db, { userId: bob, limit: 2 }))
    expect(await step()).toMatchObject({ more: true, members: [{ readSeq: 2 }, { readSeq: 2 }] })
    expect(await step()).toMatchObject({ more: false, members: [{ readSeq: 2 }] })
    expect(await step()).toMatchObject({ more: false, outboxId: null })
    for (const room of rooms) expect(await world().unread(bob, room)).toBe(1)
  })

  test('a stranger and a missing room are refused alike, whatever is asked', async () => {
    const { alice, mallory } = await world().people('alice', 'mallory')
    const real = await world().room(alice)
    await world().send(alice, real, 'secret')
    const { db } = world()
    for (const roomId of [real, 'no-such-room' as typeof real]) {
      const asked = { userId: mallory, roomId }
      const attempts = [
        readUpTo(db, { ...asked, upToSeq: 1 }),
        markUnread(db, { ...asked, fromSeq: 1 }),
        setMuted(db, { ...asked, muted: true }),
        setArchived(db, { ...asked, archived: true }),
        editMessage(db, { ...asked, seq: 1, text: 'x' }),
        deleteMessage(db, { ...asked, seq: 1 }),
        react(db, { ...asked, seq: 1, emoji: 'x', on: true, limits }),
        removeMember(db, { actorId: mallory, roomId, userId: mallory }),
        removeMember(db, { actorId: mallory, roomId, userId: alice }),
        world().readHead(mallory, roomId),
        world().send(mallory, roomId, 'hi'),
      ]
      for (const attempt of await Promise.allSettled(attempts)) {
        expect(attempt).toMatchObject({ status: 'rejected', reason: refusal('room_not_found') })
      }
    }
  })
})
