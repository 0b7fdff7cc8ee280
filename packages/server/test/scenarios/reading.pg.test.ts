import { afterEach, describe, expect, test } from 'vitest'
import { DEPLOYMENTS, useDeployment } from '../../test-support/deployments.ts'
import { World } from './scenario-world.ts'

describe.each(DEPLOYMENTS)('reading, on %s', (database) => {
  const tally = useDeployment(database)
  afterEach(() => tally().closeClients())
  const world = () => new World(tally())

  test('[2] A reads up to message n while n+1 is being committed: n+1 stays unread', async () => {
    const w = world()
    const roomId = await w.room('a', 'b')
    for (let n = 1; n <= 25; n += 1) {
      const { seq } = await w.send('b', roomId, `message ${n}`)
      await Promise.all([w.read('a', roomId, seq), w.send('b', roomId, `next of ${n}`)])
      expect(await w.total('a')).toBe(1)
      await w.read('a', roomId)
    }
    await w.expectExact('a', 'b')
  })

  test('[3] A reads the 2nd of 3 messages: badge 1, at once', async () => {
    const w = world()
    const roomId = await w.room('a', 'b')
    const device = await w.device('a')
    await w.sendMany('b', roomId, 3)
    await device.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 3)
    const answer = await device.call('mark-read', { roomId, upToSeq: 2 })
    expect(answer).toMatchObject({ ok: true, readSeq: 2, unread: 1 })
    const frame = await device.next(
      'total-unread-count-updated',
      ({ totalUnreadCount }) => totalUnreadCount === 1,
    )
    expect(frame.unreadRooms).toBe(1)
    await w.expectExact('a', 'b')
  })

  test('[3] opening at the first of 500 unread messages with `read: false` reads nothing', async () => {
    const w = world()
    const roomId = await w.room('a', 'b', 'c', 'd', 'e', 'f')
    await Promise.all(['b', 'c', 'd', 'e', 'f'].map((name) => w.sendMany(name, roomId, 100)))
    const device = await w.device('a')
    await device.call('join-room', { roomId, read: false })
    const joined = await device.next('joined-room')
    expect(joined).toMatchObject({ seq: 500, readSeq: 0 })
    // Open is not read: gone from the badge while it is open, back when it is closed without a confirmation.
    expect(await w.total('a')).toBe(0)
    await device.call('leave-room', roomId)
    expect(await w.total('a')).toBe(500)
    await w.expectExact('a')
  })

  test('[4] A answers from the lock screen while a message of B commits just before: it stays unread', async () => {
    const w = world()
    const roomId = await w.room('a', 'b')
    for (let round = 0; round < 20; round += 1) {
      await Promise.all([w.send('b', roomId, `unseen ${round}`), w.send('a', roomId, `reply ${round}`)])
    }
    expect(await w.total('a')).toBe(20)
    expect(await w.total('b')).toBe(20)
    await w.expectExact('a', 'b')
  })

  test('[12] mark unread survives focus, reconnect, a read in flight and new messages', async () => {
    const w = world()
    const roomId = await w.room('a', 'b')
    await w.sendMany('b', roomId, 5)
    const device = await w.device('a')
    await device.call('join-room', { roomId, read: false })
    const { readEpoch } = await device.next('joined-room')
    await device.call('mark-read', { roomId, upToSeq: 5, readEpoch })
    expect(await w.total('a')).toBe(0)

    await device.call('mark-unread', { roomId, fromSeq: 4 })
    expect(await w.total('a')).toBe(2)
    // In flight since before the mark: it carries the older epoch.
    await device.call('mark-read', { roomId, upToSeq: 5, readEpoch })
    expect(await w.total('a')).toBe(2)
    // Focus, and leaving as installed apps do: neither confirms anything after the mark.
    await device.call('visibility', { visible: false })
    await device.call('visibility', { visible: true })
    await device.call('leave-room', roomId)
    expect(await w.total('a')).toBe(2)
    device.close()
    const again = await w.device('a')
    expect(await w.total('a')).toBe(2)
    await w.send('b', roomId, 'a new one')
    expect(await w.total('a')).toBe(3)
    await again.call('mark-read', { roomId, upToSeq: 6, readEpoch: readEpoch + 1 })
    expect(await w.total('a')).toBe(0)
    await w.expectExact('a', 'b')
  })

  test('[12] mark all read is atomic per room, and what arrives meanwhile stays unread', async () => {
    const w = world()
    const rooms = await Promise.all(Array.from({ length: 12 }, (_, index) => w.room('a', 'b', `c${index}`)))
    await Promise.all(rooms.map((roomId) => w.sendMany('b', roomId, 3)))
    expect(await w.total('a')).toBe(36)
    const [, ...late] = await Promise.all([
      w.ask('POST', '/v1/read-all', { as: 'a', body: {} }),
      ...rooms.map((roomId, index) => w.send(`c${index}`, roomId, 'meanwhile')),
    ])
    expect(late).toHaveLength(12)
    const counts = await Promise.all(rooms.map((roomId) => w.unread('a', roomId)))
    // Before the stored head or after it, never in the middle of what was there.
    expect(counts.every((count) => count === 0 || count === 1)).toBe(true)
    await w.expectExact('a', 'b')
  })

  test('[19] reading on one device clears the others', async () => {
    const w = world()
    const roomId = await w.room('a', 'b')
    const [phone, laptop] = await Promise.all([w.device('a'), w.device('a')])
    await w.sendMany('b', roomId, 2)
    for (const device of [phone, laptop]) {
      await device.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 2)
    }
    await phone.call('mark-read', { roomId })
    await laptop.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 0)
    const row = await laptop.next('chat-room-updated', ({ unread_count }) => unread_count === 0)
    expect(row.roomId).toBe(roomId)
    await w.expectExact('a')
  })

  test('[20] read offline, come online: it settles; a late, older read never raises or sticks the badge', async () => {
    const w = world()
    const roomId = await w.room('a', 'b')
    await w.sendMany('b', roomId, 4)
    const device = await w.device('a')
    // What was read offline arrives when the newest was read elsewhere already.
    await w.read('a', roomId, 4)
    const late = await device.call('mark-read', { roomId, upToSeq: 2 })
    expect(late).toMatchObject({ ok: true, readSeq: 4, unread: 0 })
    await w.send('b', roomId, 'one more')
    const later = await device.call('mark-read', { roomId, upToSeq: 3 })
    expect(later).toMatchObject({ ok: true, readSeq: 4, unread: 1 })
    await device.settled()
    const { totalUnreadCount } = device.all('total-unread-count-updated').at(-1) ?? {}
    expect(totalUnreadCount).toBe(1)
    await w.expectExact('a')
  })

  test('[26] the receiver in the room: the badge never rises, on two devices both agree', async () => {
    const w = world()
    const roomId = await w.room('a', 'b')
    const inside = await w.device('a')
    const outside = await w.device('a')
    await inside.call('join-room', { roomId })
    await inside.settled()
    inside.forget()
    outside.forget()
    await w.sendMany('b', roomId, 10)
    await inside.next('new-message', ({ seq }) => seq === 10)
    await outside.next('chat-room-updated', ({ last_message_seq }) => last_message_seq === 10)
    await Promise.all([inside.settled(), outside.settled()])
    for (const device of [inside, outside]) {
      expect(
        device.all('total-unread-count-updated').every(({ totalUnreadCount }) => totalUnreadCount === 0),
      ).toBe(true)
    }
    expect(outside.all('chat-room-updated').every(({ unread_count }) => unread_count === 0)).toBe(true)
    expect(inside.all('chat-room-updated')).toEqual([])
    expect(await w.total('a')).toBe(0)
  })

  test('[26] the device that has it open dies without a word: what it never confirmed counts again elsewhere', async () => {
    const w = world()
    const roomId = await w.room('a', 'b')
    const inside = await w.device('a')
    const outside = await w.device('a')
    await inside.call('join-room', { roomId, read: false })
    await w.sendMany('b', roomId, 3)
    await inside.next('new-message', ({ seq }) => seq === 3)
    expect(await w.total('a')).toBe(0)
    // The connection breaks: no leave-room, no mark-read.
    inside.socket.io.engine.close()
    await outside.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 3)
    await w.expectExact('a')
  })
})
