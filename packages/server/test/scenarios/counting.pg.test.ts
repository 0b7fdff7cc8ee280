import { afterEach, describe, expect, test } from 'vitest'
import { purgeRoom } from '../../src/actions/purge-old-messages.ts'
import { DEPLOYMENTS, useDeployment } from '../../test-support/deployments.ts'
import { World } from './scenario-world.ts'

describe.each(DEPLOYMENTS)('what counts and what does not, on %s', (database) => {
  const tally = useDeployment(database)
  afterEach(() => tally().closeClients())
  const world = () => new World(tally())

  test('[5] delete of an unread message lowers room and total; of a read one nothing; twice changes once', async () => {
    const w = world()
    const roomId = await w.room('a', 'b', 'c')
    await w.sendMany('b', roomId, 4)
    await w.read('a', roomId, 2)
    expect(await w.total('a')).toBe(2)
    const remove = (seq: number) => w.ask('DELETE', `/v1/rooms/${roomId}/messages/${seq}`, { as: 'b' })

    await remove(1)
    expect(await w.total('a')).toBe(2)
    await remove(3)
    expect([await w.total('a'), await w.unread('a', roomId)]).toEqual([1, 1])
    await Promise.all([remove(3), remove(3), remove(4), remove(4)])
    expect(await w.total('a')).toBe(0)
    expect(await w.total('c')).toBe(1)
    await w.expectExact('a', 'b', 'c')
  })

  test('[6] delete of an unread reply leaves no badge that cannot be cleared', async () => {
    const w = world()
    const roomId = await w.room('a', 'b')
    const { seq } = await w.send('a', roomId, 'a question')
    const reply = await w.send('b', roomId, 'an answer', { replyTo: seq })
    expect(await w.total('a')).toBe(1)
    await w.ask('DELETE', `/v1/rooms/${roomId}/messages/${reply.seq}`, { as: 'b' })
    expect(await w.badge('a')).toMatchObject({ total: 0, unreadRooms: 0 })
    await w.expectExact('a', 'b')
  })

  test('[7] retention purges unread messages, also the one the cursor points at', async () => {
    const w = world()
    const roomId = await w.room('a', 'b')
    const device = await w.device('a')
    await w.sendMany('b', roomId, 6)
    await w.read('a', roomId, 3)
    await purgeRoom(tally().ctx, { roomId: roomId as never, beforeSeq: 6 })
    expect(await w.total('a')).toBe(1)
    await device.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 1)
    await w.send('b', roomId, 'after the purge')
    expect(await w.total('a')).toBe(2)
    await w.read('a', roomId)
    expect(await w.total('a')).toBe(0)
    await w.expectExact('a', 'b')
  })

  test('[8] leave: its part of the total is gone on every device at once, a late event does not bring it back', async () => {
    const w = world()
    const [roomId, other] = await Promise.all([w.room('a', 'b', 'c'), w.room('a', 'b')])
    const devices = await Promise.all([w.device('a'), w.device('a')])
    await w.sendMany('b', roomId, 3)
    await w.send('b', other, 'stays')
    for (const device of devices) {
      await device.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 4)
    }
    await Promise.all([
      w.ask('DELETE', `/v1/rooms/${roomId}/members/me`, { as: 'a' }),
      w.send('b', roomId, 'commits beside the leave'),
    ])
    for (const device of devices) {
      await device.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 1)
    }
    await w.send('c', roomId, 'after the leave')
    for (const device of devices) {
      await device.settled()
      expect(device.all('total-unread-count-updated').at(-1)?.totalUnreadCount).toBe(1)
    }
    await w.expectExact('a', 'b', 'c')

    await w.ask('POST', `/v1/rooms/${roomId}/members`, { body: { userIds: [w.person('a')] } })
    expect(await w.unread('a', roomId)).toBe(0)
    await w.send('b', roomId, 'welcome back')
    expect(await w.total('a')).toBe(2)
    await w.expectExact('a', 'b', 'c')
  })

  test('[8] kick and room deletion take their part of the total away, at once', async () => {
    const w = world()
    const [kicked, deleted] = await Promise.all([w.room('b', 'a'), w.room('b', 'a')])
    const device = await w.device('a')
    await w.sendMany('b', kicked, 2)
    await w.sendMany('b', deleted, 3)
    await device.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 5)
    await w.ask('DELETE', `/v1/rooms/${kicked}/members/${w.person('a')}`, { as: 'b' })
    await device.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 3)
    await w.ask('DELETE', `/v1/rooms/${deleted}`, { as: 'b' })
    await device.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 0)
    await w.expectExact('a', 'b')
  })

  test('[9] mute: total drops; messages while muted; unmute: the exact number, on server and client', async () => {
    const w = world()
    const [roomId, other] = await Promise.all([w.room('a', 'b'), w.room('a', 'b')])
    const device = await w.device('a')
    await w.sendMany('b', roomId, 2)
    await w.send('b', other, 'not muted')
    await device.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 3)
    await w.ask('POST', `/v1/rooms/${roomId}/mute`, { as: 'a', body: { muted: true } })
    await device.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 1)
    await w.sendMany('b', roomId, 3)
    // The number on the room goes on, the total does not.
    await device.next('chat-room-updated', ({ unread_count }) => unread_count === 5)
    expect(await w.total('a')).toBe(1)
    await w.ask('POST', `/v1/rooms/${roomId}/mute`, { as: 'a', body: { muted: false } })
    const frame = await device.next(
      'total-unread-count-updated',
      ({ totalUnreadCount }) => totalUnreadCount === 6,
    )
    expect(frame.unreadRooms).toBe(2)
    await w.expectExact('a', 'b')
  })

  test('[9] an archived room counts nothing until its next message brings it back', async () => {
    const w = world()
    const roomId = await w.room('a', 'b')
    await w.sendMany('b', roomId, 2)
    await w.ask('POST', `/v1/rooms/${roomId}/archive`, { as: 'a', body: { archived: true } })
    expect(await w.total('a')).toBe(0)
    await w.expectExact('a')
    await w.send('b', roomId, 'are you there?')
    expect(await w.total('a')).toBe(3)
    await w.expectExact('a', 'b')
  })

  test('[10] a blocked person raises no badge; after unblocking the number is the recount again', async () => {
    const w = world()
    const [group, direct] = await Promise.all([w.room('a', 'b', 'c'), w.room('a', 'b')])
    const block = (blocked: boolean) =>
      w.ask('PUT', '/v1/blocks', { as: 'a', body: { userId: w.person('b'), blocked } })
    await w.send('b', group, 'before')
    expect(await w.total('a')).toBe(1)
    await block(true)
    expect(await w.total('a')).toBe(0)
    await w.send('b', group, 'while blocked')
    await w.send('b', direct, 'while blocked')
    await w.send('c', group, 'from somebody else')
    expect(await w.total('a')).toBe(1)
    await w.expectExact('a', 'b', 'c')
    await block(false)
    expect(await w.total('a')).toBe(4)
    await w.expectExact('a', 'b', 'c')
  })

  test('[11] system messages and internal activity raise no badge', async () => {
    const w = world()
    const roomId = await w.room('b', 'a', 'c')
    await w.send('b', roomId, 'counts')
    await w.ask('POST', `/v1/rooms/${roomId}/system-messages`, { body: { text: 'the interview was moved' } })
    await w.ask('PATCH', `/v1/rooms/${roomId}`, { as: 'b', body: { title: 'a new title' } })
    await w.ask('PATCH', `/v1/rooms/${roomId}/messages/1`, { as: 'b', body: { text: 'still counts once' } })
    await w.ask('POST', `/v1/rooms/${roomId}/reactions`, { as: 'c', body: { seq: 1, emoji: '👍', on: true } })
    await w.ask('DELETE', `/v1/rooms/${roomId}/members/me`, { as: 'c' })
    expect(await w.badge('a')).toMatchObject({ total: 1, unreadRooms: 1 })
    await w.expectExact('a', 'b', 'c')
  })

  test("[13] a new room's first message gives a badge to somebody who never opened or loaded it", async () => {
    const w = world()
    const device = await w.device('a')
    const roomId = await w.room('b', 'a')
    await w.send('b', roomId, 'hello')
    const row = await device.next('chat-room-updated', ({ unread_count }) => unread_count === 1)
    expect(row).toMatchObject({ roomId, last_message: 'hello' })
    await device.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 1)
    await w.expectExact('a', 'b')
  })

  test('[14] a joined, never-opened room shows the join policy, not the whole history', async () => {
    const w = world()
    const roomId = await w.room('b')
    await w.sendMany('b', roomId, 5)
    const add = (name: string, history?: string) =>
      w.ask('POST', `/v1/rooms/${roomId}/members`, {
        body: { userIds: [w.person(name)], ...(history === undefined ? {} : { history }) },
      })
    await add('late')
    await add('curious', 'unread')
    expect(await w.total('late')).toBe(0)
    expect(await w.total('curious')).toBe(5)
    await w.send('b', roomId, 'for both')
    expect(await w.total('late')).toBe(1)
    expect(await w.total('curious')).toBe(6)
    await w.expectExact('late', 'curious', 'b')
  })

  test("[15] a room outside the client's loaded page still updates", async () => {
    const w = world()
    const old = await w.room('a', 'b')
    await w.send('b', old, 'long ago')
    for (let index = 0; index < 3; index += 1) await w.send('b', await w.room('a', 'b'), `room ${index}`)
    const page = await w.ask('GET', '/v1/rooms?limit=2', { as: 'a' })
    expect(page.items.map(({ id }: { id: string }) => id)).not.toContain(old)
    const device = await w.device('a')
    await w.send('b', old, 'out of sight')
    expect(await device.next('chat-room-updated', ({ roomId }) => roomId === old)).toMatchObject({
      unread_count: 2,
    })
    const { rooms } = await w.ask('GET', `/v1/sync`, { as: 'a' })
    expect(rooms[0]).toMatchObject({ id: old, me: { unread: 2 } })
    await w.expectExact('a')
  })
})
