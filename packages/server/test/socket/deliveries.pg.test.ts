import { randomUUID } from 'node:crypto'
import type { Room } from '@tally/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import { DATABASES, somebody } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'

describe.each(DATABASES)('what a device has, on %s', (kind) => {
  const tally = useTally(kind)
  afterEach(() => tally().closeClients())

  async function pair() {
    const [ann, ben] = [somebody('ann'), somebody('ben')]
    return { ann, ben, roomId: await tally().room(ann, ben) }
  }

  const deliveredSeq = async (as: string, roomId: string, userId: string) => {
    const { body } = await tally().get(`/v1/rooms/${roomId}`, { as })
    return (body as Room).members.find((member) => member.userId === userId)?.deliveredSeq
  }

  const stored = async (roomId: string, userId: string) => {
    const [row] = await tally().ctx.db.query<{ seq: number }>({
      name: '',
      text: 'select delivered_seq as seq from members where room_id = $1 and user_id = $2',
      values: [roomId, userId],
    })
    return row?.seq
  }

  test('the others in the room hear at once, and whoever opens it later sees; the own devices hear nothing', async () => {
    const { ann, ben, roomId } = await pair()
    const [sender, phone, laptop] = await Promise.all([ann, ben, ben].map((as) => tally().signIn(as)))
    for (const device of [sender, laptop]) await device!.call('join-room', { roomId, read: false })
    await tally().send(ann, roomId, 'one')
    await tally().send(ann, roomId, 'two')
    expect(await phone!.call('mark-delivered', { rooms: [{ roomId, upToSeq: 2 }] })).toEqual({ ok: true })
    expect(await sender!.next('delivery-receipt')).toEqual({ roomId, userId: ben, deliveredSeq: 2 })
    expect(await deliveredSeq(ann, roomId, ben)).toBe(2)
    const { body } = await tally().get(`/v1/rooms/${roomId}/members`, { as: ann })
    expect(body.items).toMatchObject([
      { userId: ann, deliveredSeq: 0 },
      { userId: ben, deliveredSeq: 2, readSeq: 0 },
    ])
    await laptop!.settled()
    expect(laptop!.all('delivery-receipt')).toEqual([])
  })

  test('only rises: late, doubled and earlier words change nothing, and nobody is told of them', async () => {
    const { ann, ben, roomId } = await pair()
    const [sender, phone] = [await tally().signIn(ann), await tally().signIn(ben)]
    await sender.call('join-room', { roomId, read: false })
    for (const text of ['one', 'two', 'three']) await tally().send(ann, roomId, text)
    for (const upToSeq of [2, 1, 2, 3]) await phone.call('mark-delivered', { rooms: [{ roomId, upToSeq }] })
    await sender.next('delivery-receipt', (receipt) => receipt.deliveredSeq === 3)
    expect(sender.all('delivery-receipt').map((receipt) => receipt.deliveredSeq)).toEqual([2, 3])
    expect(await tally().badge(ben)).toMatchObject({ total: 3 })
  })

  test('beyond the newest message it is up to that one: what comes later was not there yet', async () => {
    const { ann, ben, roomId } = await pair()
    const [sender, phone] = [await tally().signIn(ann), await tally().signIn(ben)]
    await sender.call('join-room', { roomId, read: false })
    await tally().send(ann, roomId, 'one')
    await phone.call('mark-delivered', { rooms: [{ roomId, upToSeq: 1_000_000 }] })
    expect(await sender.next('delivery-receipt')).toMatchObject({ deliveredSeq: 1 })
    await tally().send(ann, roomId, 'two')
    expect(await deliveredSeq(ann, roomId, ben)).toBe(1)
    await phone.call('mark-delivered', { rooms: [{ roomId, upToSeq: 2 }] })
    expect(await sender.next('delivery-receipt')).toMatchObject({ deliveredSeq: 2 })
  })

  test('in rooms one is not in, and in such that are not there, it says nothing, and nothing of them is told', async () => {
    const { ann, roomId } = await pair()
    const { ben: eve, roomId: own } = await pair()
    const [sender, mallory] = [await tally().signIn(ann), await tally().signIn(eve)]
    await sender.call('join-room', { roomId, read: false })
    await tally().send(ann, roomId, 'not for you')
    const rooms = [
      { roomId, upToSeq: 1 },
      { roomId: randomUUID(), upToSeq: 1 },
      { roomId: `feed:${eve}`, upToSeq: 1 },
      { roomId: own, upToSeq: 1 },
    ]
    expect(await mallory.call('mark-delivered', { rooms })).toEqual({ ok: true })
    await sender.settled()
    expect(sender.all('delivery-receipt')).toEqual([])
    const { body } = await tally().get(`/v1/rooms/${roomId}/members`, { as: ann })
    expect(body.items).toHaveLength(2)
  })

  test('is stored a moment later, and once', async () => {
    const { ann, ben, roomId } = await pair()
    const phone = await tally().signIn(ben)
    await tally().send(ann, roomId, 'one')
    await phone.call('mark-delivered', { rooms: [{ roomId, upToSeq: 1 }] })
    await expect.poll(() => stored(roomId, ben), { timeout: 20_000 }).toBe(1)
    const { body } = await tally().get('/v1/users/me/export', { as: ben })
    expect(body.rooms).toContainEqual(expect.objectContaining({ id: roomId, deliveredSeq: 1 }))
  })

  test.each([
    [50, true],
    [51, false],
  ])('in a room of %i is stored; that the room is told of it at once: %s', async (people, isTold) => {
    const [ann = '', ben = '', cho = '', ...others] = Array.from({ length: people }, () => somebody('one'))
    const [roomId, marked] = [await tally().room(ann, ben, cho, ...others), await tally().room(ann, ben)]
    const [sender, phone] = [await tally().signIn(ann), await tally().signIn(ben)]
    for (const room of [roomId, marked]) await sender.call('join-room', { roomId: room, read: false })
    for (const room of [roomId, marked]) await tally().send(ann, room, 'one')
    const rooms = [roomId, marked].map((room) => ({ roomId: room, upToSeq: 1 }))
    // By what the server remembers of the room, and by what the database says of it.
    expect(await phone.call('mark-delivered', { rooms })).toEqual({ ok: true })
    tally().ctx.membersCache.forget(roomId)
    const here = { roomId, upToSeq: 1 }
    expect((await tally().post('/v1/delivered', { as: cho, body: { rooms: [here] } })).status).toBe(200)
    await sender.next('delivery-receipt', (receipt) => receipt.roomId === marked)
    await sender.settled()
    const told = sender.all('delivery-receipt').filter((receipt) => receipt.roomId === roomId)
    expect(told.map(({ userId }) => userId)).toEqual(isTold ? [ben, cho] : [])
    for (const userId of [ben, cho]) {
      await expect.poll(() => stored(roomId, userId), { timeout: 20_000 }).toBe(1)
    }
  })

  test('comes by HTTP as well, and to those who poll', async () => {
    const { ann, ben, roomId } = await pair()
    await tally().send(ann, roomId, 'one')
    const poll = () => tally().get(`/v1/sync?since=0&rooms=${roomId}:0&device=device-1`, { as: ann })
    expect((await poll()).body.live).toMatchObject({ deliveries: [] })
    const body = { rooms: [{ roomId, upToSeq: 1 }] }
    expect((await tally().post('/v1/delivered', { as: ben, body })).status).toBe(200)
    expect((await poll()).body.live).toMatchObject({
      deliveries: [{ roomId, userId: ben, deliveredSeq: 1 }],
      reads: [],
    })
    expect((await tally().post('/v1/delivered', { as: ben, body: { rooms: [] } })).status).toBe(400)
  })

  test('told without end is refused for a while', async () => {
    const { ann, ben, roomId } = await pair()
    const phone = await tally().signIn(ben)
    await tally().send(ann, roomId, 'one')
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => phone.call('mark-delivered', { rooms: [{ roomId, upToSeq: 1 }] })),
    )
    const refused = answers.filter((answer) => !answer.ok)
    expect(refused[0]).toMatchObject({ ok: false, error: { code: 'rate_limited', retry: 'later' } })
    expect(answers[0]).toEqual({ ok: true })
  })

  test('of somebody who left says nothing any more', async () => {
    const [ann, ben, cho] = [somebody('ann'), somebody('ben'), somebody('cho')]
    const roomId = await tally().room(ann, ben, cho)
    const [sender, phone] = [await tally().signIn(ann), await tally().signIn(ben)]
    await sender.call('join-room', { roomId, read: false })
    await tally().send(ann, roomId, 'one')
    await tally().request('DELETE', `/v1/rooms/${roomId}/members/me`, { as: ben })
    await phone.call('mark-delivered', { rooms: [{ roomId, upToSeq: 1 }] })
    await sender.settled()
    expect(sender.all('delivery-receipt')).toEqual([])
  })
})

describe.each(DATABASES)('somebody who leaves a room, on %s', (kind) => {
  const tally = useTally(kind)
  afterEach(() => tally().closeClients())

  async function three() {
    const [ann, ben, cho] = [somebody('ann'), somebody('ben'), somebody('cho')]
    return { ann, ben, cho, roomId: await tally().room(ann, ben, cho) }
  }

  test('is seen to by those who have it open, at once; the one who left hears nothing of it', async () => {
    const { ann, ben, cho, roomId } = await three()
    const [there, here, gone] = await Promise.all([ann, cho, ben].map((as) => tally().signIn(as)))
    for (const device of [there, here, gone]) await device!.call('join-room', { roomId, read: false })
    await tally().request('DELETE', `/v1/rooms/${roomId}/members/me`, { as: ben })
    const { body } = await tally().get(`/v1/rooms/${roomId}`, { as: ann })
    const left = { roomId, userId: ben, deleted: false, change: body.change }
    expect(await there!.next('member-left')).toEqual(left)
    expect(await here!.next('member-left')).toEqual(left)
    await gone!.settled()
    expect(gone!.all('member-left')).toEqual([])
  })

  test('and so are a new title and whoever comes', async () => {
    const { ann, ben, cho, roomId } = await three()
    const [there, gone] = await Promise.all([ann, ben].map((as) => tally().signIn(as)))
    await there!.call('join-room', { roomId, read: false })
    const change = async (): Promise<number> =>
      (await tally().get(`/v1/rooms/${roomId}`, { as: ann })).body.change
    await tally().request('PATCH', `/v1/rooms/${roomId}`, { as: ann, body: { title: 'Another' } })
    expect(await there!.next('room-changed')).toEqual({ roomId, change: await change() })
    await tally().request('DELETE', `/v1/rooms/${roomId}/members/me`, { as: cho })
    await tally().request('POST', `/v1/rooms/${roomId}/members`, { as: ann, body: { userIds: [cho] } })
    expect(await there!.next('room-changed')).toEqual({ roomId, change: await change() })
    // Who does not show the room gets the row of it as ever.
    await gone!.settled()
    expect(gone!.all('room-changed')).toEqual([])
  })

  test('and with the account loses the name', async () => {
    const { ann, ben, roomId } = await three()
    const there = await tally().signIn(ann)
    await there.call('join-room', { roomId, read: false })
    await tally().request('DELETE', '/v1/users/me', { as: ben })
    expect(await there.next('member-left')).toMatchObject({ roomId, userId: ben, deleted: true })
  })
})
