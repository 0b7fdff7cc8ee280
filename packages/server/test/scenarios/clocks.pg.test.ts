import { afterEach, describe, expect, test } from 'vitest'
import { createTally } from '../../../client/src/index.ts'
import { until } from '../../../client/test/until.ts'
import { importHistory } from '../../src/actions/import-history.ts'
import { DEPLOYMENTS, useDeployment } from '../../test-support/deployments.ts'
import { askSync } from './http-sync.ts'
import { RegisterClient } from './register-client.ts'
import { World } from './scenario-world.ts'

const HOUR_MS = 3_600_000

/** Of this machine, which is the database's, too: the node's and the devices' are what is wrong. */
const SHIFTS = { 'an hour ahead': HOUR_MS, 'an hour behind': -HOUR_MS }

describe.each(DEPLOYMENTS)('clocks, on %s', (database) => {
  let nodeIsOffMs = 0
  const tally = useDeployment(database, {}, { now: () => Date.now() + nodeIsOffMs })
  afterEach(() => {
    nodeIsOffMs = 0
    tally().closeClients()
  })

  test.each(Object.entries(SHIFTS))(
    '[21] of a node %s change nothing: order, times, badges, reading and leases, also when they jump',
    async (_, shiftMs) => {
      nodeIsOffMs = shiftMs
      const w = new World(tally())
      const roomId = await w.room('a', 'b')
      const device = await w.device('a')
      await device.call('join-room', { roomId, read: false })
      const revs: number[] = []
      for (let index = 1; index <= 12; index += 1) {
        nodeIsOffMs = [shiftMs, 0, -shiftMs][index % 3] as number
        await w.send('b', roomId, `message ${index}`)
        const message = await device.next('new-message')
        expect(message).toMatchObject({ seq: index, message: `message ${index}` })
        expect(await w.total('a')).toBe(0)
        revs.push((await w.badge('a')).rev)
      }
      await device.call('mark-read', { roomId, upToSeq: 10 })
      await device.call('leave-room', roomId)
      expect(await w.badge('a')).toMatchObject({ total: 2, unreadRooms: 1 })
      expect(revs).toEqual(revs.toSorted((one, other) => one - other))

      const { items } = await w.ask('GET', `/v1/rooms/${roomId}/messages?limit=100`, { as: 'a' })
      const times = items.map(({ createdAt }: { createdAt: string }) => createdAt)
      expect(times).toEqual([...new Set(times)].sort())
      // The time of a message is the database's, whatever the node believes.
      expect(Math.abs(Date.parse(times.at(-1)) - Date.now())).toBeLessThan(60_000)
      await w.expectExact('a', 'b')
    },
  )

  test.each(Object.entries(SHIFTS))(
    '[21] of a device %s change nothing: the SDK shows the same',
    async (_, shiftMs) => {
      const w = new World(tally())
      const roomId = await w.room('a', 'b')
      const client = createTally({
        url: tally().url,
        token: () => tally().token(w.person('a')),
        wallClock: () => new Date(Date.now() + shiftMs),
      })
      client.start()
      try {
        await w.send('b', roomId, 'first')
        const room = client.room(roomId as never)
        room.open()
        await until(room.messages, ({ items }) => items.length === 1)
        room.send('mine, from another time')
        await w.send('b', roomId, 'last')
        await until(
          room.messages,
          ({ items }) => items.length === 3 && items.every(({ state }) => state === 'sent'),
        )
        const order = room.messages.get().items.map((item) => (item.state === 'sent' ? item.seq : 0))
        expect(order).toEqual([1, 2, 3])
        room.markRead(3 as never)
        await until(room.state, (state) => state?.me.readSeq === 3)
        await w.expectExact('a', 'b')
      } finally {
        await client.stop()
      }
    },
  )

  test('[21] a message with a future date cannot hide later ones', async () => {
    const w = new World(tally())
    const [roomId, other] = await Promise.all([w.room('a', 'b', 'c'), w.room('a', 'b')])
    const future = new Date(Date.now() + 24 * HOUR_MS)
    const past = { senderId: w.person('b') as never, type: 'regular', createdAt: future }
    await importHistory(tally().ctx, {
      roomId: roomId as never,
      messages: [{ ...past, text: 'from tomorrow' }],
    })
    await w.send('b', other, 'in another room')
    const client = new RegisterClient()
    client.watch(roomId)
    client.answer(await askSync(w, 'a', client))
    const [fromTomorrow] = (await poll(w, roomId)).messages

    const device = await w.device('a')
    const first = await w.send('b', roomId, 'later one')
    const row = await device.next('chat-room-updated', ({ last_message }) => last_message === 'later one')
    expect(row).toMatchObject({ roomId, unread_count: 2 })
    const second = await w.send('b', roomId, 'later two')
    const times = [`${future.toISOString().slice(0, -1)}000Z`, first.createdAt, second.createdAt]
    expect(times).toEqual([...new Set(times)].sort())
    expect(await w.badge('a')).toMatchObject({ total: 4, unreadRooms: 2 })

    // By every way of asking for what is new.
    const texts = ['from tomorrow', 'later one', 'later two']
    client.answer(await askSync(w, 'a', client))
    expect(client.messagesOf(roomId).map(({ text }) => text)).toEqual(texts)
    expect((await poll(w, roomId, fromTomorrow.id)).messages.map(contentOf)).toEqual(texts.slice(1))
    const { data } = await w.ask('GET', `/api/chat/room/${roomId}/messages?limit=2`, { as: 'a' })
    expect(data.messages.map(({ message }: { message: string }) => message)).toEqual([
      'later two',
      'later one',
    ])
    const before = encodeURIComponent(data.pagination.nextCursor)
    const older = await w.ask('GET', `/api/chat/room/${roomId}/messages?limit=2&before=${before}`, {
      as: 'a',
    })
    expect(older.data.messages.map(({ message }: { message: string }) => message)).toEqual(['from tomorrow'])
    await w.read('a', roomId)
    expect(await w.total('a')).toBe(1)
    await w.send('b', roomId, 'still counted')
    expect(await w.total('a')).toBe(2)
    await w.expectExact('a', 'b')
  })
})

/** Whoever polls has the room open: not the one whose badge is looked at. */
function poll(w: World, roomId: string, after = '') {
  return w.ask('GET', `/api/chat/${roomId}/messages?after=${after}`, { as: 'c' })
}

function contentOf({ content }: { content: string }): string {
  return content
}
