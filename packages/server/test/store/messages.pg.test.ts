import { describe, expect, test } from 'vitest'
import { addMembers } from '../../src/store/add-members.ts'
import { deleteMessage } from '../../src/store/delete-message.ts'
import { editMessage } from '../../src/store/edit-message.ts'
import { markUnread } from '../../src/store/mark-unread.ts'
import { forgetPurged, purgeMessages } from '../../src/store/purge-messages.ts'
import { react } from '../../src/store/react.ts'
import { readPagesBefore } from '../../src/store/read-messages.ts'
import { readUpTo } from '../../src/store/read-up-to.ts'
import { KINDS, limits, refusal, useStore } from './store-world.ts'

describe.each(KINDS)('messages on %s', (kind) => {
  const world = useStore(kind)

  test('everybody edits their own messages only, and the same text again changes nothing', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    await world().send(bob, room, 'hi')
    await world().sendSystem(room, 'note')
    const { db } = world()
    const edit = (userId: typeof alice, seq: number, text: string) =>
      world().did(editMessage(db, { userId, roomId: room, seq, text }))
    await expect(edit(alice, 1, 'x')).rejects.toEqual(refusal('forbidden'))
    await expect(edit(alice, 2, 'x')).rejects.toEqual(refusal('forbidden'))
    await expect(edit(bob, 3, 'x')).rejects.toEqual(refusal('message_not_found'))
    const { change } = await world().member(bob, room)
    const edited = await edit(bob, 1, 'hello')
    expect(edited).toMatchObject({ changed: true, rooms: [{ change: change + 1 }], members: [] })
    expect(edited.message).toMatchObject({ text: 'hello', change: change + 1, editedAt: expect.any(String) })
    expect(await edit(bob, 1, 'hello')).toMatchObject({ changed: false, outboxId: null })
    await world().did(deleteMessage(db, { userId: bob, roomId: room, seq: 1 }))
    await expect(edit(bob, 1, 'again')).rejects.toEqual(refusal('message_not_found'))
  })

  test('messages are deleted by their senders, by those who run the room, and by the host', async () => {
    const { owner, admin, bob, carol } = await world().people('owner', 'admin', 'bob', 'carol')
    const room = await world().room(owner, bob, carol)
    const { db } = world()
    await world().did(
      addMembers(db, { actorId: owner, roomId: room, userIds: [admin], role: 'admin', limits }),
    )
    await world().sendMany(bob, room, 4)
    const del = (userId: typeof owner | null, seq: number) =>
      world().did(deleteMessage(db, { userId, roomId: room, seq }))
    await expect(del(carol, 1)).rejects.toEqual(refusal('forbidden'))
    await expect(del(bob, 9)).rejects.toEqual(refusal('message_not_found'))
    for (const [seq, actor] of [bob, owner, admin, null].entries())
      expect(await del(actor, seq + 1)).toMatchObject({ changed: true })
    await expect(del(carol, 1)).rejects.toEqual(refusal('forbidden'))
    expect(await world().unread(carol, room)).toBe(0)
  })

  test('reactions come and go, each with its change, and go with their message', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    await world().send(alice, room, 'hi')
    const { db } = world()
    const give = (userId: typeof alice, emoji: string, on = true) =>
      world().did(react(db, { userId, roomId: room, seq: 1, emoji, on, limits: { reactionsPerMessage: 2 } }))
    expect((await give(alice, '👍')).message.reactions).toEqual([{ emoji: '👍', userIds: [alice] }])
    expect(await give(alice, '👍')).toMatchObject({ changed: false, outboxId: null })
    await give(bob, '🎉')
    expect((await give(bob, '👍')).message.reactions).toEqual([
      { emoji: '👍', userIds: [alice, bob] },
      { emoji: '🎉', userIds: [bob] },
    ])
    await expect(give(alice, '😀')).rejects.toEqual(refusal('limit_exceeded'))
    expect(await give(alice, '😀', false)).toMatchObject({ changed: false })
    expect((await give(bob, '🎉', false)).message.reactions).toEqual([{ emoji: '👍', userIds: [alice, bob] }])
    const { message } = await world().did(deleteMessage(db, { userId: alice, roomId: room, seq: 1 }))
    expect(message.reactions).toEqual([])
    await expect(give(bob, '👍')).rejects.toEqual(refusal('message_not_found'))
  })

  test('a page tells a message as everything else does', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    const { db } = world()
    for (const text of ['as it was sent', 'to be edited', 'to be deleted', '"\\\u2028👍'])
      await world().send(alice, room, text)
    await world().sendSystem(room, 'note')
    await world().did(editMessage(db, { userId: alice, roomId: room, seq: 2, text: 'edited' }))
    await world().did(deleteMessage(db, { userId: alice, roomId: room, seq: 3 }))
    const reactionsPerMessage = 5
    for (const [userId, emoji] of [
      [bob, '👍'],
      [alice, '👍'],
      [bob, '🎉'],
    ] as const)
      await world().did(
        react(db, { userId, roomId: room, seq: 1, emoji, on: true, limits: { reactionsPerMessage } }),
      )
    await db.query({
      name: '',
      text: `update messages set reply_to = 1, data = '{"attachments": [], "deep": {"n": null}}' where room_id = $1 and seq = 4`,
      values: [room],
    })
    const rows = await db.query<{ message: object }>({
      name: '',
      text: 'select stored_message(m) as message from messages m where room_id = $1 order by seq',
      values: [room],
    })
    const [page] = await readPagesBefore(db, [{ userId: bob, roomId: room, at: 99, limit: 10 }])
    expect(page?.messages).toEqual(rows.map(({ message }) => message))
    expect(page?.messages).toHaveLength(5)
  })

  test('[7] retention purges unread messages, also the one the cursor points at, and new ones still count', async () => {
    const { alice, bob, carol } = await world().people('alice', 'bob', 'carol')
    const room = await world().room(alice, bob, carol)
    await world().sendMany(alice, room, 5)
    await world().send(carol, room, 'six')
    const { db } = world()
    await world().did(readUpTo(db, { userId: bob, roomId: room, upToSeq: 2 }))
    await world().did(deleteMessage(db, { userId: alice, roomId: room, seq: 4 }))

    const purge = (beforeSeq: number, limit: number, afterSeq = 0) =>
      world().did(purgeMessages(db, { roomId: room, afterSeq, beforeSeq, limit }))
    // Some of the first three were read by bob, and some not.
    expect(await purge(6, 3)).toMatchObject({ count: 3, lastSeq: 3 })
    expect(await world().unread(bob, room)).toBe(2)
    expect(await world().unread(carol, room)).toBe(1)
    const rest = await purge(6, 10, 3)
    expect(rest).toMatchObject({ count: 2, lastSeq: 5 })
    expect(await purge(6, 10)).toMatchObject({ count: 0, outboxId: null })
    expect(await world().unread(bob, room)).toBe(1)
    await world().send(alice, room, 'seven')
    expect(await world().unread(bob, room)).toBe(2)
    await world().did(markUnread(db, { userId: bob, roomId: room, fromSeq: 1 }))
    expect(await world().unread(bob, room)).toBe(2)
  })

  test('a purged message is remembered by its clientId for 7 days, then its row is gone', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    await world().send(alice, room, 'old', { clientId: 'c1' })
    await world().send(alice, room, 'new')
    const { db } = world()
    await world().did(purgeMessages(db, { roomId: room, beforeSeq: 2, limit: 10 }))
    const purged = { name: '', values: [room] }
    const backdate = (interval: string) =>
      db.query({
        ...purged,
        text: `update messages set purged_at = purged_at - interval '${interval}' where room_id = $1 and seq = 1`,
      })
    await backdate('6 days 23 hours')
    expect(await forgetPurged(db, { limit: 10 })).toBe(0)
    const retried = await world().send(alice, room, 'old', { clientId: 'c1' })
    expect(retried).toMatchObject({ duplicate: true, message: { seq: 1, text: '' } })
    await backdate('2 hours')
    expect(await forgetPurged(db, { limit: 10 })).toBe(1)
    expect(await world().send(alice, room, 'old', { clientId: 'c1' })).toMatchObject({ duplicate: false })
    expect(await world().unread(bob, room)).toBe(2)
  })
})
