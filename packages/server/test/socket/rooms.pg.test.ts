import type { RoomId, Seq, UserId } from '@tally/protocol'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { removeMember } from '../../src/actions/remove-member.ts'
import type { Frame } from '../../src/bus/frames.ts'
import type { AppClient } from '../../test-support/app-client.ts'
import { useTally } from '../../test-support/test-tally.ts'

let aheadMs = 0
const nowMs = () => performance.now() + aheadMs
/** Longer than any round trip that is believed, so that what was emitted before has been seen. */
const aRoundTripPasses = () => {
  aheadMs += 2_000
}

const seqsOf = (client: AppClient) => client.all('new-message').map(({ seq }) => seq)
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

describe.each(['pglite', 'postgres'] as const)('messages of a room, on %s', (kind) => {
  const tally = useTally(kind, { TALLY_SENDS_PER_SECOND: '1000', TALLY_SEND_BURST: '1000' })
  afterEach(() => {
    vi.restoreAllMocks()
    tally().closeClients()
  })

  async function inRoom(roomId: RoomId, ...userIds: string[]): Promise<AppClient[]> {
    const clients = await Promise.all(userIds.map((userId) => tally().signIn(userId)))
    await Promise.all(clients.map((client) => client.call('join-room', { roomId })))
    return clients
  }

  test('reach every device in it once and in order while four people write at once', async () => {
    const roomId = await tally().room('a', 'b', 'c', 'd')
    const clients = await inRoom(roomId, 'a', 'b', 'c', 'd')
    await Promise.all(
      clients.flatMap((client, sender) =>
        upTo(40).map((n) => client.call('send-message', { roomId, message: `${sender}-${n}` })),
      ),
    )
    await Promise.all(clients.map((client) => client.next('new-message', ({ seq }) => seq === 160)))
    for (const client of clients) expect(seqsOf(client)).toEqual(upTo(160))
    for (const sender of [0, 1, 2, 3]) {
      const own = clients[0]!.all('new-message').filter(({ message }) => message.startsWith(`${sender}-`))
      expect(own.map(({ message }) => message)).toEqual(upTo(40).map((n) => `${sender}-${n}`))
    }
  })

  test('that arrive while a device joins come after joined-room, from its head on, without a gap', async () => {
    const roomId = await tally().room('a', 'b')
    const [writer] = await inRoom(roomId, 'a')
    const reader = await tally().signIn('b')
    const sends = upTo(60).map((n) => writer!.call('send-message', { roomId, message: `${n}` }))
    reader.emit('join-room', { roomId, read: false })
    const { seq: head } = await reader.next('joined-room')
    await Promise.all(sends)
    // All of those may have been there before it joined.
    await writer!.call('send-message', { roomId, message: '61' })
    await reader.next('new-message', ({ seq }) => seq === 61)
    expect(seqsOf(reader)).toEqual(upTo(61).filter((seq) => seq > head))
    expect(reader.heard.findIndex(({ event }) => event === 'new-message')).toBeGreaterThan(
      reader.heard.findIndex(({ event }) => event === 'joined-room'),
    )
  })

  test('whose frame got lost are read from the database and stay in order', async () => {
    const roomId = await tally().room('a', 'b')
    const [a, b] = await inRoom(roomId, 'a', 'b')
    const { bus } = tally().ctx
    const send = bus.send.bind(bus)
    let lost = 0
    vi.spyOn(bus, 'send').mockImplementation((nodes, frames) => {
      const isLost = (frame: Frame) => frame.kind === 'message' && [2, 3].includes(frame.message.seq)
      lost += frames.filter(isLost).length
      send(
        nodes,
        frames.filter((frame) => !isLost(frame)),
      )
    })
    for (const n of upTo(5)) await a!.call('send-message', { roomId, message: `${n}` })
    await b!.next('new-message', ({ seq }) => seq === 5)
    await a!.next('new-message', ({ seq }) => seq === 5)
    expect(lost).toBe(2)
    expect(seqsOf(b!)).toEqual(upTo(5))
    expect(seqsOf(a!)).toEqual(upTo(5))
    expect(b!.all('new-message').map(({ message }) => message)).toEqual(upTo(5).map(String))
  })

  test('come to all devices of their sender, with the clientId, and without it to others', async () => {
    const roomId = await tally().room('a', 'b')
    const [phone, laptop, other] = await inRoom(roomId, 'a', 'a', 'b')
    const ack = await phone!.call('send-message', { roomId, message: 'hi', clientId: 'c-1' })
    expect(ack).toMatchObject({ ok: true, message: { seq: 1, client_id: 'c-1', message: 'hi' } })
    expect(await phone!.next('new-message')).toMatchObject({ client_id: 'c-1' })
    expect(await laptop!.next('new-message')).toMatchObject({ client_id: 'c-1' })
    expect(await other!.next('new-message')).not.toHaveProperty('client_id')
  })

  test('sent again with the same clientId are the same message, answered alike and shown once', async () => {
    const roomId = await tally().room('a', 'b')
    const [a, b] = await inRoom(roomId, 'a', 'b')
    const once = await a!.call('send-message', { roomId, message: 'hi', clientId: 'c-2' })
    const again = await a!.call('send-message', { roomId, message: 'hi', clientId: 'c-2' })
    expect(again).toEqual(once)
    expect(await a!.refused('send-message', { roomId, message: 'other', clientId: 'c-2' })).toMatchObject({
      code: 'client_id_conflict',
      retry: 'never',
    })
    await a!.call('send-message', { roomId, message: 'last' })
    await b!.next('new-message', ({ message }) => message === 'last')
    expect(seqsOf(b!)).toEqual([1, 2])
  })

  test('stop at once for whoever leaves, and begin again at the head for whoever comes back', async () => {
    const roomId = await tally().room('a', 'b')
    const [a, b] = await inRoom(roomId, 'a', 'b')
    for (const n of upTo(20)) a!.emit('send-message', { roomId, message: `${n}` })
    await b!.next('new-message')
    b!.emit('leave-room', roomId)
    await a!.next('user-left')
    await b!.settled()
    b!.forget()
    await a!.call('send-message', { roomId, message: 'unheard' })
    await b!.settled()
    expect(seqsOf(b!)).toEqual([])

    const joined = await b!.call('join-room', { roomId })
    expect(joined).toMatchObject({ ok: true, seq: 21 })
    await a!.call('send-message', { roomId, message: 'heard' })
    await b!.next('new-message')
    expect(seqsOf(b!)).toEqual([22])
  })

  test('edits, deletions, reactions, typing and readings are told to those who have the room open', async () => {
    const roomId = await tally().room('a', 'b', 'c')
    const [a, b] = await inRoom(roomId, 'a', 'b')
    const outside = await tally().signIn('c')
    await a!.call('send-message', { roomId, message: 'first' })
    const seq = 1 as Seq
    expect(await a!.call('edit-message', { roomId, seq, message: 'second' })).toMatchObject({ ok: true, seq })
    expect(await b!.next('message-updated')).toMatchObject({ room_id: roomId, seq, message: 'second' })
    expect(await b!.call('react', { roomId, seq, emoji: '👍', on: true })).toMatchObject({ ok: true, seq })
    expect(await a!.next('message-updated', ({ reactions }) => reactions !== undefined)).toMatchObject({
      reactions: [{ emoji: '👍', userIds: ['b'] }],
    })
    b!.emit('typing', { roomId, typing: true })
    expect(await a!.next('typing')).toEqual({ roomId, userId: 'b', typing: true })
    b!.emit('mark-read', { roomId, upToSeq: 1 })
    expect(await a!.next('read-receipt', ({ userId }) => userId === 'b')).toMatchObject({
      roomId,
      readSeq: 1,
    })
    expect(await a!.call('delete-message', { roomId, seq })).toMatchObject({ ok: true, seq })
    expect(await b!.next('message-deleted')).toMatchObject({ room_id: roomId, seq })
    await outside.settled()
    for (const event of [
      'message-updated',
      'message-deleted',
      'typing',
      'read-receipt',
      'new-message',
    ] as const) {
      expect(outside.all(event)).toEqual([])
    }
  })

  test('tell who comes that somebody types already, and nobody that they type themselves', async () => {
    const roomId = await tally().room('a', 'b')
    const [a] = await inRoom(roomId, 'a')
    await a!.call('typing', { roomId, typing: true })
    const [b, other] = await inRoom(roomId, 'b', 'a')
    expect(await b!.next('typing')).toEqual({ roomId, userId: 'a', typing: true })
    await other!.settled()
    expect(other!.all('typing')).toEqual([])
    a!.emit('typing', { roomId, typing: false })
    expect(await b!.next('typing')).toEqual({ roomId, userId: 'a', typing: false })
  })

  test('end at once for a member who is put out, whose badge and row go at the same moment', async () => {
    const roomId = await tally().room('a', 'b')
    const [a, b] = await inRoom(roomId, 'a', 'b')
    await removeMember(tally().ctx, null, { roomId, userId: 'b' as UserId })
    expect(await b!.next('chat-room-updated')).toMatchObject({ roomId, left: true, unread_count: 0 })
    await a!.next('user-left', ({ userId }) => userId === 'b')
    await a!.call('send-message', { roomId, message: 'among us' })
    await b!.settled()
    expect(seqsOf(b!)).toEqual([])
    expect(await b!.refused('join-room', { roomId })).toMatchObject({ code: 'room_not_found' })
    expect(await b!.refused('send-message', { roomId, message: 'x' })).toMatchObject({
      code: 'room_not_found',
    })
  })
})

describe.each(['pglite', 'postgres'] as const)('reading without a word, on %s', (kind) => {
  const tally = useTally(kind, {}, { nowMs })
  afterEach(() => tally().closeClients())

  const unreadOf = async (userId: string) =>
    (await tally().request('GET', '/api/chat/unread-count', { as: userId })).body.data.totalUnreadCount

  test('leaving confirms what was on the screen; what the device never confirmed counts again', async () => {
    const roomId = await tally().room('a', 'b')
    const a = await tally().signIn('a')
    const b = await tally().signIn('b')
    await b.call('join-room', { roomId })
    await a.call('send-message', { roomId, message: 'seen' })
    await b.next('new-message')
    aRoundTripPasses()
    await b.call('leave-room', { roomId })
    expect(await unreadOf('b')).toBe(0)

    await b.call('join-room', { roomId, read: false })
    await a.call('send-message', { roomId, message: 'not confirmed' })
    await b.next('new-message', ({ seq }) => seq === 2)
    await b.settled()
    await b.call('leave-room', { roomId })
    expect(await unreadOf('b')).toBe(1)
    expect(await b.next('chat-room-updated', ({ unread_count }) => unread_count === 1)).toMatchObject({
      roomId,
    })
  })

  test('writing into the room confirms what was on the screen', async () => {
    const roomId = await tally().room('c', 'd')
    const c = await tally().signIn('c')
    const d = await tally().signIn('d')
    await d.call('join-room', { roomId })
    await c.call('join-room', { roomId })
    await c.call('send-message', { roomId, message: 'question' })
    await d.next('new-message')
    let isRead = false
    const receipt = c
      .next('read-receipt', ({ userId, readSeq }) => userId === 'd' && readSeq > 0)
      .then(() => {
        isRead = true
      })
    // Whatever round trip was measured, some answer comes later than that.
    while (!isRead) await Promise.race([receipt, d.call('send-message', { roomId, message: 'answer' })])
  })

  test('a device that is gone confirms nothing: the other one shows it at once', async () => {
    const roomId = await tally().room('e', 'f')
    const e = await tally().signIn('e')
    const [phone, laptop] = [await tally().signIn('f'), await tally().signIn('f')]
    await phone.call('join-room', { roomId })
    await e.call('send-message', { roomId, message: 'lost on the way' })
    await phone.next('new-message')
    expect(laptop.all('total-unread-count-updated').map(({ totalUnreadCount }) => totalUnreadCount)).toEqual([
      0,
    ])
    phone.close()
    expect(await laptop.next('total-unread-count-updated')).toMatchObject({ totalUnreadCount: 1 })
  })

  test('a room that is left right behind its joining is left, though the joining had to wait for its turn', async () => {
    const roomId = await tally().room('m', 'n')
    const m = await tally().signIn('m')
    const n = await tally().signIn('n')
    n.emit('send-message', { roomId, message: 'what the joining waits for' })
    n.emit('join-room', { roomId, read: false })
    await n.call('leave-room', { roomId })
    await m.call('send-message', { roomId, message: 'counts' })
    expect(await unreadOf('n')).toBe(1)
    expect(n.all('new-message')).toEqual([])
  })

  test('a hidden device has no room open, and keeps hearing what happens in it', async () => {
    const roomId = await tally().room('g', 'h')
    const g = await tally().signIn('g')
    const h = await tally().signIn('h')
    await h.call('join-room', { roomId, read: false })
    await h.call('visibility', { visible: false })
    await g.call('send-message', { roomId, message: 'hidden' })
    expect(await h.next('chat-room-updated')).toMatchObject({ roomId, unread_count: 1 })
    expect(h.all('new-message')).toHaveLength(1)
    await h.call('visibility', { visible: true })
    expect(await h.next('total-unread-count-updated', (badge) => badge.totalUnreadCount === 0)).toBeDefined()
  })

  test('mark-unread ends what is open: the number stays, and leaving does not undo it', async () => {
    const roomId = await tally().room('i', 'j')
    const i = await tally().signIn('i')
    const j = await tally().signIn('j')
    await j.call('join-room', { roomId })
    await i.call('send-message', { roomId, message: 'later' })
    await j.next('new-message')
    const marked = await j.call('mark-unread', { roomId, fromSeq: 1 })
    expect(marked).toMatchObject({ ok: true, readSeq: 0, unread: 1 })
    expect(await j.next('total-unread-count-updated')).toMatchObject({ totalUnreadCount: 1 })
    await j.settled()
    await j.call('leave-room', roomId)
    expect(await unreadOf('j')).toBe(1)
    await j.call('join-room', roomId)
    expect(await unreadOf('j')).toBe(0)
  })

  test('the row that was kept back while the room was open comes when it closes, with its last message', async () => {
    const roomId = await tally().room('k', 'l')
    const k = await tally().signIn('k')
    const l = await tally().signIn('l')
    await l.call('join-room', { roomId })
    await k.call('send-message', { roomId, message: 'the last one' })
    await l.next('new-message')
    await l.settled()
    // Word that she came into the room may be late.
    const withIt = ({ last_message }: { last_message: string | null }) => last_message === 'the last one'
    expect(l.all('chat-room-updated').filter(withIt)).toEqual([])
    aRoundTripPasses()
    await l.call('leave-room', { roomId })
    expect(await l.next('chat-room-updated', withIt)).toMatchObject({ unread_count: 0 })
  })
})
