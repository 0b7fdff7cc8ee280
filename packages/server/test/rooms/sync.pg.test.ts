import { type Cursor, type Rev, type Room, type RoomId, SyncAnswer } from '@tally/protocol'
import { describe, expect, test, vi } from 'vitest'
import { closeRoom } from '../../src/actions/close-room.ts'
import { connectDevice, disconnectDevice } from '../../src/actions/connect-device.ts'
import type { ActionContext } from '../../src/actions/context.ts'
import { createNotification } from '../../src/actions/create-notification.ts'
import { deleteMessage } from '../../src/actions/delete-message.ts'
import { editMessage } from '../../src/actions/edit-message.ts'
import { markRead } from '../../src/actions/mark-read.ts'
import { pollSync } from '../../src/actions/poll-sync.ts'
import { removeMember } from '../../src/actions/remove-member.ts'
import { sync } from '../../src/actions/sync.ts'
import { touchDevices } from '../../src/actions/touch-devices.ts'
import type { RunStatement, Statement } from '../../src/store/statement.ts'
import { DATABASES } from '../../test-support/host.ts'
import { limitedTo, type RoomsWorld, refusal, stranger, useRooms } from './rooms-world.ts'
import { SyncClient } from './sync-client.ts'

const named = (...rooms: [RoomId, number][]) =>
  rooms.map(([roomId, change]) => ({ roomId, change: change as Room['change'] }))

/** The same node, with something between it and its database. */
function withQuery(ctx: ActionContext, query: RunStatement): ActionContext {
  const db = new Proxy(ctx.db, {
    get: (target, name) => (name === 'query' ? query : Reflect.get(target, name)),
  })
  return { ...ctx, db }
}

describe.each(DATABASES)('sync on %s', (kind) => {
  const world = useRooms(kind)

  async function two({ person, group }: RoomsWorld) {
    const [mina, joon] = [await person('mina'), await person('joon')]
    return { mina, joon, roomId: await group(mina, joon) }
  }

  test('the first answer is full, the next ones bring what moved and nothing else', async () => {
    const { ctx, send, ...rest } = world()
    const { mina, joon, roomId } = await two({ ctx, send, ...rest })
    const quiet = await rest.group(mina, joon)
    const first = await sync(ctx, mina, {})
    expect(SyncAnswer.parse(first)).toEqual(first)
    expect(first).toMatchObject({ full: true, next: null, badge: { total: 0 } })
    expect(first.rooms.map(({ id }) => id).sort()).toEqual([quiet, roomId].sort())

    await send(joon, roomId, 'hi')
    const second = await sync(ctx, mina, { since: first.rev, rooms: named([roomId, 0]) })
    expect(second).toMatchObject({ full: false, badge: { total: 1, unreadRooms: 1 } })
    expect(second.rooms).toMatchObject([{ id: roomId, me: { unread: 1 }, lastMessage: { text: 'hi' } }])
    expect(second.messages[roomId]).toMatchObject([{ text: 'hi', senderId: joon.userId }])

    const third = await sync(ctx, mina, {
      since: second.rev,
      rooms: named([roomId, second.changes[roomId]!]),
    })
    expect(third).toMatchObject({
      rev: second.rev,
      rooms: [],
      messages: { [roomId]: [] },
      changes: second.changes,
    })
    expect(third.badge).toEqual(second.badge)
  })

  test('a rev of another warm, or one that never was, starts over', async () => {
    const { ctx, ...rest } = world()
    const { mina } = await two({ ctx, ...rest })
    const { rev } = await sync(ctx, mina, {})
    expect(await sync(ctx, mina, { since: (rev + 1) as Rev })).toMatchObject({ full: true })
    await ctx.ledger.drop([mina.userId])
    expect(await sync(ctx, mina, { since: rev })).toMatchObject({ full: true })
  })

  test('who is far behind starts over rather than being told everything at once', async () => {
    const { ctx, person, group, send } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const rooms = [await group(mina, joon), await group(mina, joon), await group(mina, joon)]
    const small = limitedTo(ctx, { pageMax: 2 })
    const client = new SyncClient(small, mina)
    await client.sync()
    for (const roomId of rooms) await send(joon, roomId, 'hi')
    await client.sync()
    expect(client.fullSyncs).toBe(2)
    expect(client.badge?.total).toBe(3)
    await send(joon, rooms[0]!, 'again')
    await client.sync()
    expect(client.fullSyncs).toBe(2)
  })

  test('what changes while pages are read comes with the next sync', async () => {
    const { ctx, person, group, send } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const [a, b, c] = [await group(mina, joon), await group(mina, joon), await group(mina, joon)]
    const small = limitedTo(ctx, { pageMax: 1 })
    const first = await sync(small, mina, {})
    expect(first.rooms.map(({ id }) => id)).toEqual([c])

    await send(joon, a, 'moves to the top, which was read already')
    await removeMember(ctx, mina, { roomId: c, userId: mina.userId })
    const second = await sync(small, mina, { next: first.next! })
    expect(second).toMatchObject({ full: true, rev: first.rev })
    expect(second.rooms.map(({ id }) => id)).toEqual([b])

    const next = await sync(ctx, mina, { since: first.rev })
    expect(next.full).toBe(false)
    expect(next.rooms).toHaveLength(2)
    expect(next.rooms).toEqual(
      expect.arrayContaining([{ id: c, left: true }, expect.objectContaining({ id: a, seq: 1 })]),
    )
  })

  test('edits and deletes of old messages come too, each room as far as it goes', async () => {
    const { ctx, send, ...rest } = world()
    const { mina, joon, roomId } = await two({ ctx, send, ...rest })
    for (let n = 1; n <= 30; n++) await send(joon, roomId, `message ${n}`)
    const few = limitedTo(ctx, { syncMessagesPerRoom: 7 })
    const client = new SyncClient(few, mina)
    client.watch(roomId)
    await client.settle()
    expect(client.messagesOf(roomId)).toHaveLength(30)

    await editMessage(ctx, joon, { roomId, seq: 3, text: 'edited' })
    await deleteMessage(ctx, joon, { roomId, seq: 30 })
    await client.settle()
    expect(client.messagesOf(roomId)).toEqual(await client.listed(roomId))
    expect(client.messagesOf(roomId)[2]).toMatchObject({ text: 'edited' })
    expect(client.messagesOf(roomId)[29]).toMatchObject({ text: '', deletedAt: expect.any(String) })
    expect(client.rooms.get(roomId)?.lastMessage).toMatchObject({ text: 'message 29' })
    expect(client.fullSyncs).toBe(1)
  })

  test('a room that somebody names twice is told from the lower change on, to others too', async () => {
    const { ctx, person, group, send } = world()
    const [ann, ben] = [await person('ann'), await person('ben')]
    const room = await group(ann, ben)
    const texts = ['1', '2', '3', '4', '5', '6']
    for (const text of texts) await send(ann, room, text)
    const head = (await sync(ctx, ben, {})).rooms.find(({ id }) => id === room)
    const last = head !== undefined && 'change' in head ? head.change : 0
    for (const rooms of [
      named([room, 0], [room, last - 1]),
      named([room, last - 1], [room, 0]),
      named([room, 0]),
    ]) {
      for (const who of [ben, ann]) {
        const { messages } = await sync(ctx, who, { rooms })
        expect(messages[room]?.map(({ text }) => text)).toEqual(texts)
      }
    }
  })

  test('a page of messages that was cut off is never taken for all of it', async () => {
    const { ctx, send, ...rest } = world()
    const { mina, joon, roomId } = await two({ ctx, send, ...rest })
    for (let n = 1; n <= 5; n++) await send(joon, roomId, `message ${n}`)
    const few = limitedTo(ctx, { syncMessagesPerRoom: 2 })
    const first = await pollSync(few, mina, { rooms: named([roomId, 0]) })
    if (first.kind !== 'answer') throw new Error('nothing was answered')
    const { rev, changes } = first.answer
    const again = await pollSync(few, mina, {
      since: rev,
      rooms: named([roomId, changes[roomId]!]),
      ifNoneMatch: first.etag,
    })
    expect(again).toMatchObject({ kind: 'answer', answer: { messages: { [roomId]: { length: 2 } } } })
  })

  test('whose room it is not, gets nothing of it: a stranger, and who left', async () => {
    const { ctx, send, ...rest } = world()
    const { mina, joon, roomId } = await two({ ctx, send, ...rest })
    await send(joon, roomId, 'between us')
    const { rev } = await sync(ctx, mina, {})
    await removeMember(ctx, null, { roomId, userId: mina.userId })
    await send(joon, roomId, 'without you')

    const rooms = named([roomId, 0])
    const left = await sync(ctx, mina, { since: rev, rooms })
    expect(left).toMatchObject({ rooms: [{ id: roomId, left: true }], messages: {}, changes: {} })
    for (const input of [{ rooms }, { rooms: named(['nowhere' as RoomId, 0]) }]) {
      expect(await sync(ctx, stranger, input)).toMatchObject({ rooms: [], messages: {}, changes: {} })
    }
  })

  test('the notification feed is no room, but its badge comes', async () => {
    const { ctx, ...rest } = world()
    const { mina } = await two({ ctx, ...rest })
    const { rev } = await sync(ctx, mina, {})
    await createNotification(ctx, { userIds: [mina.userId], type: 'offer', title: 'An offer', content: '' })
    const next = await sync(ctx, mina, { since: rev })
    expect(next).toMatchObject({ rooms: [], badge: { total: 0, notifications: 1 } })
    expect(next.rev).toBeGreaterThan(rev)
  })

  test('a room that is left between the looks at the database and at the ledger is not in the answer', async () => {
    const { ctx, ...rest } = world()
    const { mina, joon, roomId } = await two({ ctx, ...rest })
    const stays = await rest.group(mina, joon)
    let hasLeft = false
    const query: RunStatement = async <R>(statement: Statement) => {
      const rows = await ctx.db.query<R>(statement)
      if (statement.name === 'read-room-page' && !hasLeft) {
        hasLeft = true
        await removeMember(ctx, mina, { roomId, userId: mina.userId })
      }
      return rows
    }
    const { rooms } = await sync(withQuery(ctx, query), mina, {})
    expect(hasLeft).toBe(true)
    expect(rooms.map((room) => room.id)).toEqual([stays])
  })

  test('a room that the ledger goes on to call left comes as such, whatever the database says', async () => {
    const { ctx, ...rest } = world()
    const { mina, roomId } = await two({ ctx, ...rest })
    const read = ctx.ledger.read.bind(ctx.ledger)
    const asLeft = vi.spyOn(ctx.ledger, 'read').mockImplementation(async (queries) => {
      const views = await read(queries)
      return views.map((view) =>
        view.state === 'ready'
          ? { ...view, rooms: view.rooms.map((room) => ({ ...room, left: true, shown: 0 })) }
          : view,
      )
    })
    const { rooms } = await sync(ctx, mina, {})
    asLeft.mockRestore()
    expect(rooms).toEqual([{ id: roomId, left: true }])
  })

  test('a cursor of another list, of somebody else, or damaged is refused', async () => {
    const { ctx, ...rest } = world()
    const { mina, joon } = await two({ ctx, ...rest })
    await rest.group(mina, joon)
    const { next } = await sync(limitedTo(ctx, { pageMax: 1 }), mina, {})
    const invalid = refusal('invalid_cursor')
    await expect(sync(ctx, joon, { next: next! })).rejects.toMatchObject(invalid)
    await expect(sync(ctx, mina, { next: `${next}x` as Cursor })).rejects.toMatchObject(invalid)
  })

  describe('a poll', () => {
    test('that finds nothing new costs no query, and says so', async () => {
      const { ctx, send, watched, ...rest } = world()
      const { mina, joon, roomId } = await two({ ctx, send, watched, ...rest })
      await send(joon, roomId, 'hi')
      const first = await pollSync(ctx, mina, { rooms: named([roomId, 0]) })
      if (first.kind !== 'answer') throw new Error('nothing was answered')
      const { rev, changes } = first.answer
      const position = { since: rev, rooms: named([roomId, changes[roomId]!]) }

      const { ctx: seen, statements } = watched()
      const poll = () => pollSync(seen, mina, { ...position, ifNoneMatch: first.etag })
      expect(await poll()).toMatchObject({
        kind: 'unmoved',
        etag: first.etag,
        // A second where people talk, stretched while the machine is busy.
        nextPollMs: expect.any(Number),
        activeUsers: 1,
      })
      const unasked = await pollSync(seen, mina, position)
      expect(unasked).toMatchObject({ kind: 'answer', answer: { rooms: [], rev } })
      expect(statements).toEqual([])

      await send(joon, roomId, 'there')
      expect(await poll()).toMatchObject({ kind: 'answer', answer: { badge: { total: 2 } } })
    })

    test('sees a room that moved although the badge did not', async () => {
      const { ctx, send, ...rest } = world()
      const { mina, joon, roomId } = await two({ ctx, send, ...rest })
      await send(joon, roomId, 'hi')
      await markRead(ctx, mina, { roomId })
      const first = await pollSync(ctx, mina, { rooms: named([roomId, 0]) })
      if (first.kind !== 'answer') throw new Error('nothing was answered')
      await editMessage(ctx, joon, { roomId, seq: 1, text: 'hello' })
      const next = await pollSync(ctx, mina, {
        since: first.answer.rev,
        rooms: named([roomId, first.answer.changes[roomId]!]),
        ifNoneMatch: first.etag,
      })
      expect(next).toMatchObject({ kind: 'answer', answer: { messages: { [roomId]: [{ text: 'hello' }] } } })
    })

    test('that waits is woken by what happens, and answers it', async () => {
      const { ctx, send, ...rest } = world()
      const { mina, joon, roomId } = await two({ ctx, send, ...rest })
      const { rev } = await sync(ctx, mina, {})
      const wait = { ms: 15_000, signal: new AbortController().signal }
      const waiting = pollSync(ctx, mina, { since: rev, wait })
      await vi.waitFor(
        async () => {
          expect((await ctx.ledger.read([mina]))[0]).toMatchObject({ nodes: [ctx.bus.nodeId] })
        },
        { timeout: 15_000 },
      )
      await send(joon, roomId, 'wake up')
      expect(await waiting).toMatchObject({ kind: 'answer', answer: { badge: { total: 1 } } })
    })

    test('that waits is not answered because the touch told a device of the person what it knows', async () => {
      const { ctx, send, ...rest } = world()
      const { mina, joon, roomId } = await two({ ctx, send, ...rest })
      await connectDevice(ctx, { ...mina, deviceId: 'socket:2' })
      const { rev } = await sync(ctx, mina, {})
      const waits = vi.spyOn(ctx.devices, 'waitForChange')
      const wait = { ms: 15_000, signal: new AbortController().signal }
      const waiting = pollSync(ctx, mina, { since: rev, wait })
      await vi.waitFor(() => expect(waits).toHaveBeenCalled(), { timeout: 15_000 })
      // The node touches by itself, too.
      const looks = waits.mock.calls.length
      await touchDevices(ctx)
      await vi.waitFor(() => expect(waits.mock.calls.length).toBeGreaterThan(looks), { timeout: 15_000 })
      await send(joon, roomId, 'now')
      expect(await waiting).toMatchObject({ kind: 'answer', answer: { badge: { total: 1 } } })
      waits.mockRestore()
      await disconnectDevice(ctx, 'socket:2')
    })

    test('that waits in vain answers when its time is up, or nobody listens any more', async () => {
      const { ctx, ...rest } = world()
      const { mina } = await two({ ctx, ...rest })
      const first = await pollSync(ctx, mina, {})
      if (first.kind !== 'answer') throw new Error('nothing was answered')
      const position = { since: first.answer.rev, ifNoneMatch: first.etag }
      const forever = new AbortController()
      const unmoved = { kind: 'unmoved' }
      expect(
        await pollSync(ctx, mina, { ...position, wait: { ms: 20, signal: forever.signal } }),
      ).toMatchObject(unmoved)
      const waiting = pollSync(ctx, mina, { ...position, wait: { ms: 15_000, signal: forever.signal } })
      forever.abort()
      expect(await waiting).toMatchObject(unmoved)
    })

    test('does not wait beside as many as a person may have connections', async () => {
      const { ctx, ...rest } = world()
      const { mina } = await two({ ctx, ...rest })
      const few = limitedTo(ctx, { connectionsPerUser: 2 })
      const first = await pollSync(ctx, mina, {})
      if (first.kind !== 'answer') throw new Error('nothing was answered')
      const over = new AbortController()
      const wait = { ms: 15_000, signal: over.signal }
      const poll = () => pollSync(few, mina, { since: first.answer.rev, ifNoneMatch: first.etag, wait })
      const waiting = [poll(), poll()]
      await vi.waitFor(() => expect(ctx.devices.waitingFor(mina.userId)).toBe(2), { timeout: 15_000 })
      expect(await poll()).toMatchObject({ kind: 'unmoved' })
      expect(ctx.devices.waitingFor(mina.userId)).toBe(2)
      over.abort()
      await Promise.all(waiting)
      expect(ctx.devices.waitingFor(mina.userId)).toBe(0)
    })

    test('does not wait when there is something to tell already', async () => {
      const { ctx, send, ...rest } = world()
      const { mina, joon, roomId } = await two({ ctx, send, ...rest })
      const { rev } = await sync(ctx, mina, {})
      await send(joon, roomId, 'already here')
      const wait = { ms: 15_000, signal: new AbortController().signal }
      expect(await pollSync(ctx, mina, { since: rev, wait })).toMatchObject({
        answer: { badge: { total: 1 } },
      })
      expect(await pollSync(ctx, mina, { wait })).toMatchObject({ answer: { full: true } })
    })

    test('counts the people who have the room open, on sockets and by polls', async () => {
      const { ctx, send, ...rest } = world()
      const { mina, joon, roomId } = await two({ ctx, send, ...rest })
      await send(joon, roomId, 'hi')
      const open = { kind: 'open', deviceId: 'socket:1', roomId, readEpoch: 0, ttlMs: 30_000 } as const
      await ctx.warmer.ensure([joon.userId])
      await ctx.ledger.apply([{ userId: joon.userId, leases: [open] }])
      const poll = () => sync(ctx, mina, { rooms: named([roomId, 0]) })
      expect(await poll()).toMatchObject({ activeUsers: 2 })
      await closeRoom(ctx, { ...joon, deviceId: 'socket:1' }, { roomId })
      // What an edge tells the room: until then what is remembered is as good as new.
      const payload = { ...joon, userType: null, roomId }
      ctx.bus.send('all', [{ kind: 'room-event', roomId, event: 'user-left', payload }])
      expect(await poll()).toMatchObject({ activeUsers: 1 })
      expect(await sync(ctx, mina, {})).toMatchObject({ activeUsers: 0 })
    })
  })
})
