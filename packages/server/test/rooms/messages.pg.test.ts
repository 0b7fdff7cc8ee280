import { type IsoTime, type MessageId, MessagePage, type RoomId } from '@tally/protocol'
import { describe, expect, test, vi } from 'vitest'
import { archiveRoom } from '../../src/actions/archive-room.ts'
import type { ActionContext, Caller } from '../../src/actions/context.ts'
import { createRoom } from '../../src/actions/create-room.ts'
import { createShares } from '../../src/actions/database-shares.ts'
import { deleteMessage } from '../../src/actions/delete-message.ts'
import { editMessage } from '../../src/actions/edit-message.ts'
import { getMessage } from '../../src/actions/get-message.ts'
import { listMessages } from '../../src/actions/list-messages.ts'
import { listMessagesBefore } from '../../src/actions/list-messages-before.ts'
import { listNewMessages } from '../../src/actions/list-new-messages.ts'
import { markRead } from '../../src/actions/mark-read.ts'
import { markUnread } from '../../src/actions/mark-unread.ts'
import { muteRoom } from '../../src/actions/mute-room.ts'
import { purgeRoom } from '../../src/actions/purge-old-messages.ts'
import { react } from '../../src/actions/react.ts'
import { readBadge } from '../../src/actions/read-badge.ts'
import { sendMessage } from '../../src/actions/send-message.ts'
import { sendSystemMessage } from '../../src/actions/send-system-message.ts'
import type { Statement } from '../../src/store/statement.ts'
import { DATABASES } from '../../test-support/host.ts'
import { limitedTo, type RoomsWorld, refusal, useRooms } from './rooms-world.ts'

describe.each(DATABASES)('messages on %s', (kind) => {
  const world = useRooms(kind)

  async function talk({ person, group, send }: RoomsWorld, count: number) {
    const [mina, joon] = [await person('mina'), await person('joon')]
    const roomId = await group(mina, joon)
    for (let n = 1; n <= count; n++) await send(n % 2 === 0 ? mina : joon, roomId, `message ${n}`)
    return { mina, joon, roomId }
  }

  test('pages go both ways from any place, and know what is on either side', async () => {
    const { ctx, ...rest } = world()
    const { mina, roomId } = await talk({ ctx, ...rest }, 10)
    const page = async (query: { before?: number; after?: number }) => {
      const found = await listMessages(ctx, mina, { roomId, limit: 4, ...query })
      expect(MessagePage.parse(found)).toEqual(found)
      return [found.items.map(({ seq }) => seq as number), found.hasBefore, found.hasAfter]
    }
    expect(await page({})).toEqual([[7, 8, 9, 10], true, false])
    expect(await page({ before: 7 })).toEqual([[3, 4, 5, 6], true, true])
    expect(await page({ before: 3 })).toEqual([[1, 2], false, true])
    expect(await page({ before: 1 })).toEqual([[], false, true])
    expect(await page({ before: 99 })).toEqual([[7, 8, 9, 10], true, false])
    expect(await page({ after: 0 })).toEqual([[1, 2, 3, 4], false, true])
    expect(await page({ after: 4 })).toEqual([[5, 6, 7, 8], true, true])
    expect(await page({ after: 8 })).toEqual([[9, 10], true, false])
    expect(await page({ after: 10 })).toEqual([[], true, false])
  })

  test('of many pages asked for at once everybody gets their own, and who is not in a room gets none', async () => {
    const { ctx, ...rest } = world()
    const { mina, joon, roomId } = await talk({ ctx, ...rest }, 6)
    const stranger = await rest.person('stranger')
    const [other, empty] = [await rest.group(mina), await rest.group(joon)]
    await rest.send(mina, other, 'alone')
    const texts = (asked: Promise<MessagePage>): Promise<string[] | string> =>
      asked.then(
        ({ items }) => items.map(({ text }) => text),
        ({ code }) => code,
      )
    const once = [
      [mina, { roomId, before: 4, limit: 2 }, ['message 2', 'message 3']],
      [joon, { roomId, limit: 1 }, ['message 6']],
      [joon, { roomId: other, limit: 5 }, 'room_not_found'],
      [mina, { roomId: other, limit: 5 }, ['alone']],
      [stranger, { roomId, limit: 5 }, 'room_not_found'],
      [joon, { roomId: empty, limit: 5 }, []],
      [joon, { roomId, after: 4, limit: 5 }, ['message 5', 'message 6']],
      [stranger, { roomId, after: 4, limit: 5 }, 'room_not_found'],
      [mina, { roomId, after: 1, limit: 1 }, ['message 2']],
    ] as const
    const asked = Array.from({ length: 6 }, () => once).flat()
    const got = await Promise.all(asked.map(([caller, input]) => texts(listMessages(ctx, caller, input))))
    expect(got).toEqual(asked.map(([, , expected]) => expected))
  })

  test('an empty room has an empty page', async () => {
    const { ctx, ...rest } = world()
    const { mina, roomId } = await talk({ ctx, ...rest }, 0)
    expect(await listMessages(ctx, mina, { roomId, limit: 20 })).toMatchObject({
      items: [],
      hasBefore: false,
      hasAfter: false,
    })
  })

  test('a message carries its reactions in the order they came, and its client id to its sender alone', async () => {
    const { ctx, ...rest } = world()
    const { mina, joon, roomId } = await talk({ ctx, ...rest }, 1)
    const clientId = 'mine' as NonNullable<Parameters<typeof sendMessage>[2]['clientId']>
    await sendMessage(ctx, joon, { roomId, text: 'with a name', clientId, replyTo: 1 })
    for (const [caller, emoji] of [
      [mina, '👍'],
      [joon, '❤️'],
      [joon, '👍'],
    ] as [Caller, string][]) {
      await react(ctx, caller, { roomId, seq: 2, emoji, on: true })
    }
    const message = await getMessage(ctx, mina, { roomId, seq: 2 })
    expect(message).toMatchObject({ replyTo: 1, attachments: [] })
    expect(message).not.toHaveProperty('clientId')
    expect(message.reactions).toEqual([
      { emoji: '👍', userIds: [mina.userId, joon.userId] },
      { emoji: '❤️', userIds: [joon.userId] },
    ])
    expect(await getMessage(ctx, joon, { roomId, seq: 2 })).toMatchObject({ clientId })
    await expect(getMessage(ctx, mina, { roomId, seq: 3 })).rejects.toMatchObject(
      refusal('message_not_found'),
    )
    const full = limitedTo(ctx, { reactionsPerMessage: 2 })
    await expect(react(full, mina, { roomId, seq: 2, emoji: '🙂', on: true })).rejects.toMatchObject(
      refusal('limit_exceeded'),
    )
  })

  test('only its sender edits a message; sender, owner and host delete it; saying it twice changes nothing', async () => {
    const { ctx, ...rest } = world()
    const { mina, joon, roomId } = await talk({ ctx, ...rest }, 4)
    await expect(editMessage(ctx, mina, { roomId, seq: 1, text: 'x' })).rejects.toMatchObject(
      refusal('forbidden'),
    )
    await expect(editMessage(ctx, joon, { roomId, seq: 1, text: ' ' })).rejects.toMatchObject(
      refusal('message_empty'),
    )
    const edited = await editMessage(ctx, joon, { roomId, seq: 1, text: ' edited ' })
    expect(edited).toMatchObject({ text: 'edited', editedAt: expect.any(String) })
    expect(await editMessage(ctx, joon, { roomId, seq: 1, text: 'edited' })).toEqual(edited)

    await expect(deleteMessage(ctx, joon, { roomId, seq: 2 })).rejects.toMatchObject(refusal('forbidden'))
    const deleted = await deleteMessage(ctx, mina, { roomId, seq: 1 })
    expect(deleted).toMatchObject({ text: '', deletedAt: expect.any(String), seq: 1 })
    expect(await deleteMessage(ctx, mina, { roomId, seq: 1 })).toEqual(deleted)
    await deleteMessage(ctx, null, { roomId, seq: 2 })
    await expect(editMessage(ctx, joon, { roomId, seq: 1, text: 'x' })).rejects.toMatchObject(
      refusal('message_not_found'),
    )
    const page = await listMessages(ctx, mina, { roomId, limit: 20 })
    expect(page.items.map(({ text }) => text)).toEqual(['', '', 'message 3', 'message 4'])
  })

  test('a system message is seen by everybody and counts for nobody', async () => {
    const { ctx, ...rest } = world()
    const { mina, roomId } = await talk({ ctx, ...rest }, 0)
    const message = await sendSystemMessage(ctx, { roomId, text: 'The interview is on Monday.' })
    expect(message).toMatchObject({ senderId: null, type: 'system', counted: false })
    expect(await readBadge(ctx, mina)).toMatchObject({ total: 0 })
    await expect(sendSystemMessage(ctx, { roomId: 'nowhere' as RoomId, text: 'x' })).rejects.toMatchObject(
      refusal('room_not_found'),
    )
  })

  test('history by time loses nothing and repeats nothing, and knows who has read', async () => {
    const { ctx, ...rest } = world()
    const { mina, joon, roomId } = await talk({ ctx, ...rest }, 9)
    await deleteMessage(ctx, joon, { roomId, seq: 5 })
    await markRead(ctx, mina, { roomId, upToSeq: 3 })
    await markRead(ctx, joon, { roomId, upToSeq: 6 })
    const seen: [number, boolean][] = []
    let before: IsoTime | undefined
    do {
      const page = await listMessagesBefore(ctx, mina, {
        roomId,
        limit: 3,
        ...(before === undefined ? {} : { before }),
      })
      seen.push(...page.messages.map(({ message, isRead }): [number, boolean] => [message.seq, isRead]))
      expect(page.hasMore).toBe(page.nextCursor !== null)
      before = page.nextCursor ?? undefined
    } while (before !== undefined)
    expect(seen.map(([seq]) => seq)).toEqual([9, 8, 7, 6, 4, 3, 2, 1])
    // Joon's (odd) are read as far as Mina has come, Mina's (even) as far as Joon has.
    expect(seen.filter(([, isRead]) => isRead).map(([seq]) => seq)).toEqual([6, 4, 3, 2, 1])
  })

  test('a polling client gets what came after the message it has, with the authors', async () => {
    const { ctx, ...rest } = world()
    const { mina, joon, roomId } = await talk({ ctx, ...rest }, 6)
    const newest = await listNewMessages(ctx, mina, { roomId, limit: 3 })
    expect(newest.messages.map(({ message }) => message.seq)).toEqual([4, 5, 6])
    expect(newest.messages[1]?.author).toEqual({ id: joon.userId, name: 'joon', image: null })
    expect(newest).not.toHaveProperty('afterSeq')

    const after = newest.messages[0]!.message.id
    for (const seq of [5, 6]) await deleteMessage(ctx, null, { roomId, seq })
    await rest.send(joon, roomId, 'message 7')
    const next = await listNewMessages(ctx, mina, { roomId, after, limit: 1 })
    expect(next).toMatchObject({ afterSeq: 4, messages: [{ message: { seq: 7 } }] })

    const elsewhere = await talk(world(), 1)
    const foreign = await listNewMessages(ctx, elsewhere.mina, { roomId: elsewhere.roomId, after, limit: 5 })
    expect(foreign.messages.map(({ message }) => message.roomId)).toEqual([elsewhere.roomId])
    expect(foreign).not.toHaveProperty('afterSeq')
    const gone = await listNewMessages(ctx, mina, { roomId, after: 'gone' as MessageId, limit: 2 })
    expect(gone.messages.map(({ message }) => message.seq)).toEqual([4, 7])
  })

  test('however many ask for pages, few are read at a time, and what is live does not wait for them', async () => {
    const { ctx, person, group, send } = world()
    const ann = await person('ann')
    const roomId = await group(ann)
    await send(ann, roomId, 'first')
    const { node, held, answer } = answeringLate(ctx, /^read-(messages|pages)-/)
    const byPlace = Array.from({ length: 10 }, () => listMessages(node, ann, { roomId, limit: 5 }))
    const byTime = Array.from({ length: 10 }, () => listMessagesBefore(node, ann, { roomId, limit: 5 }))
    await vi.waitFor(() => expect(held.now).toBe(3))
    await send(ann, roomId, 'second')
    expect(held.mostAtOnce).toBe(3)
    answer()
    const read = [
      ...(await Promise.all(byPlace)).map(({ items }) => items.length),
      ...(await Promise.all(byTime)).map(({ messages }) => messages.length),
    ]
    expect(read).toEqual(Array(20).fill(2))
    expect(held.mostAtOnce).toBe(3)
  })

  test('a flood of changes in one room takes one connection, floods in many a share of them, and no message waits', async () => {
    const { ctx, person, group, send } = world()
    const bob = await person('bob')
    const owners = await Promise.all(Array.from({ length: 6 }, (_, n) => person(`owner-${n}`)))
    const rooms = await Promise.all(owners.map(async (owner) => ({ owner, roomId: await group(owner, bob) })))
    const quiet = await group(owners[0]!, bob)
    for (const { owner, roomId } of rooms)
      for (const text of ['one', 'two', 'three']) await send(owner, roomId, text)
    const { node, held, answer } = answeringLate(ctx, /^(delete_message|edit_message|react)$/)
    const change = ({ owner, roomId }: (typeof rooms)[number]): Promise<unknown>[] => [
      editMessage(node, owner, { roomId, seq: 1, text: 'new' }),
      react(node, bob, { roomId, seq: 2, emoji: '👍', on: true }),
      deleteMessage(node, owner, { roomId, seq: 1 }),
      deleteMessage(node, null, { roomId, seq: 3 }),
    ]
    const inOne = [...change(rooms[0]!), ...change(rooms[0]!)]
    await vi.waitFor(() => expect(held.now).toBe(1))
    const inAll = rooms.slice(1).flatMap(change)
    // A quarter of ten.
    await vi.waitFor(() => expect(held.now).toBe(2))
    await send(owners[0]!, quiet, 'meanwhile')
    answer()
    // Edited, then deleted: the second round finds a deleted message, which cannot be edited.
    const ends = await Promise.allSettled([...inOne, ...inAll])
    expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(1)
    expect(held.mostAtOnce).toBe(2)
    expect(await readBadge(ctx, bob)).toMatchObject({ total: rooms.length + 1 })
  })

  test('who floods a room waits for themselves: somebody else is next but one, and only so much waits', async () => {
    const { ctx, person, group, send } = world()
    const [ann, bob] = [await person('ann'), await person('bob')]
    const roomId = await group(ann, bob)
    await send(ann, roomId, 'one')
    const { node, answer } = answeringLate(ctx, /^react$/)
    const turns: string[] = []
    const reacting = (caller: Caller, emoji: string): Promise<unknown> =>
      react(node, caller, { roomId, seq: 1, emoji, on: true }).then(() => turns.push(emoji))
    const flood = Array.from({ length: 300 }, () => reacting(ann, '🌊'))
    const ends = Promise.allSettled(flood)
    await expect(flood.at(-1)).rejects.toMatchObject({ code: 'overloaded', retryAfterMs: expect.any(Number) })
    const other = reacting(bob, '🙂')
    answer()
    await other
    expect(turns.length).toBeLessThan(5)
    expect((await ends).filter(({ status }) => status === 'fulfilled')).toHaveLength(251)
  })

  test('what people do for themselves waits for a room that is held in half of the connections, and no message does', async () => {
    const { ctx, person, group, send } = world()
    const ann = await person('ann')
    const readers = await Promise.all(Array.from({ length: 12 }, (_, n) => person(`reader-${n}`)))
    const roomId = await group(ann, ...readers)
    const quiet = await group(ann, readers[0]!)
    await send(ann, roomId, 'one')
    const { node, held, answer } = answeringLate(
      ctx,
      /^(read_up_to|set_muted|set_archived|mark_unread|create_room)$/,
    )
    const own = readers.flatMap((reader, n) => [
      markRead(node, reader, { roomId, upToSeq: 1 }),
      muteRoom(node, reader, { roomId, muted: true }),
      archiveRoom(node, reader, { roomId, archived: n % 2 === 0 }),
      markUnread(node, reader, { roomId, fromSeq: 1 }),
      createRoom(node, reader, { kind: 'group', memberIds: [ann.userId], history: 'none' }),
    ])
    await vi.waitFor(() => expect(held.now).toBe(5))
    await send(ann, quiet, 'meanwhile')
    answer()
    await Promise.all(own)
    expect(held.mostAtOnce).toBe(5)
  })

  test('what retention took away keeps its place for those who page, and is no last message', async () => {
    const { ctx, ...rest } = world()
    const { mina, roomId } = await talk({ ctx, ...rest }, 4)
    await purgeRoom(ctx, { roomId, beforeSeq: 4 })
    const page = await listMessages(ctx, mina, { roomId, limit: 20 })
    expect(page.items.map(({ text }) => text)).toEqual(['', '', '', 'message 4'])
    expect((await listMessagesBefore(ctx, mina, { roomId, limit: 20 })).messages).toHaveLength(1)
    await purgeRoom(ctx, { roomId, beforeSeq: 5 })
    expect((await listNewMessages(ctx, mina, { roomId, limit: 20 })).messages).toEqual([])
    expect(await readBadge(ctx, mina)).toMatchObject({ total: 0 })
  })
})

/** A node whose database answers some statements when it is let, and how many of them it has at a time. */
function answeringLate(
  ctx: ActionContext,
  which: RegExp,
): {
  node: ActionContext
  held: { now: number; mostAtOnce: number }
  answer: () => void
} {
  const { promise, resolve: answer } = Promise.withResolvers<void>()
  const held = { now: 0, mostAtOnce: 0 }
  const query: typeof ctx.db.query = async <R>(statement: Statement): Promise<R[]> => {
    if (!which.test(statement.name)) return ctx.db.query<R>(statement)
    held.now += 1
    held.mostAtOnce = Math.max(held.mostAtOnce, held.now)
    await promise
    try {
      return await ctx.db.query<R>(statement)
    } finally {
      held.now -= 1
    }
  }
  const db = new Proxy(ctx.db, {
    get: (target, name) => (name === 'query' ? query : Reflect.get(target, name)),
  })
  return { node: { ...ctx, db, ...createShares(db, { databaseConnections: 10 }) }, held, answer }
}
