import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AppClient } from '../../test-support/app-client.ts'
import { somebody } from '../../test-support/host.ts'
import { recountAll } from '../../test-support/oracle.ts'
import { createTestDatabase, type TestDatabase } from '../../test-support/test-database.ts'
import { startTallyOn, type TestTally } from '../../test-support/test-tally.ts'

const WITHIN = { timeout: 15_000, interval: 10 }

/** Longer than PostgreSQL keeps it: the nodes are told apart all the same. */
const NAME = { SERVER_INSTANCE: 'a server in Zürich, '.repeat(6) }

describe('two nodes on one database, and nothing else between them', () => {
  let database: TestDatabase
  let a: TestTally
  let b: TestTally

  beforeAll(async () => {
    database = await createTestDatabase('postgres')
    // One after the other: each finds rows of the outbox that are not its own.
    a = await startTallyOn(database.options, { env: NAME })
    b = await startTallyOn(database.options, { env: NAME })
  })
  afterAll(async () => {
    for (const tally of [a, b]) {
      tally?.closeClients()
      await tally?.stop()
      expect(tally?.errors ?? []).toEqual([])
    }
    await database?.drop()
  })

  const total = (device: AppClient) => device.all('total-unread-count-updated').at(-1)?.totalUnreadCount
  const shows = (device: AppClient, count: number) => expect.poll(() => total(device), WITHIN).toBe(count)

  test('a message sent at one is a badge, a row and, in the open room, a message at the other', async () => {
    const [writer, reader, inside] = [somebody('writer'), somebody('reader'), somebody('inside')]
    const roomId = await a.room(writer, reader, inside)
    const away = await b.signIn(reader)
    const present = await b.signIn(inside)
    await present.call('join-room', { roomId })
    await a.send(writer, roomId, 'one')
    await a.send(writer, roomId, 'two')
    await shows(away, 2)
    await away.next('chat-room-updated', (row) => row.last_message === 'two' && row.unread_count === 2)
    await present.next('new-message', ({ message }) => message === 'two')
    expect(present.all('new-message').map(({ message }) => message)).toEqual(['one', 'two'])
    expect(total(present)).toBe(0)
    await expect.poll(async () => (await b.badge(reader)).total, WITHIN).toBe(2)
  })

  test('a reading at one clears the badge of the same person at the other', async () => {
    const [writer, reader] = [somebody('writer'), somebody('reader')]
    const roomId = await a.room(writer, reader)
    const phone = await a.signIn(reader)
    const tablet = await b.signIn(reader)
    await a.send(writer, roomId, 'hello')
    await shows(phone, 1)
    await shows(tablet, 1)
    await b.post(`/v1/rooms/${roomId}/read`, { as: reader, body: {} })
    await shows(phone, 0)
    await b.post(`/v1/rooms/${roomId}/unread`, { as: reader, body: { fromSeq: 1 } })
    await shows(phone, 1)
  })

  test('a room made unread at one is no longer open for the same person at the other', async () => {
    const [writer, reader] = [somebody('writer'), somebody('reader')]
    const roomId = await a.room(writer, reader)
    const tablet = await b.signIn(reader)
    await tablet.call('join-room', { roomId })
    await a.send(writer, roomId, 'seen')
    await tablet.next('new-message')
    await expect.poll(async () => (await b.badge(reader)).total, WITHIN).toBe(0)
    const made = await a.post(`/v1/rooms/${roomId}/unread`, { as: reader, body: { fromSeq: 1 } })
    expect(made.status).toBeLessThan(300)
    await tablet.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 1)
    await tablet.next('chat-room-updated', (row) => row.unread_count === 1)
    await a.send(writer, roomId, 'another')
    await shows(tablet, 2)
  })

  test('an edit, a reaction and a deletion at one reach the open room at the other', async () => {
    const [writer, reader] = [somebody('writer'), somebody('reader')]
    const roomId = await a.room(writer, reader)
    const inside = await b.signIn(reader)
    for (const text of ['one', 'two', 'three']) await a.send(writer, roomId, text)
    await inside.call('join-room', { roomId })
    const device = await a.signIn(writer)
    await device.call('edit-message', { roomId, seq: 1, message: 'changed' })
    await device.call('react', { roomId, seq: 2, emoji: '👍', on: true })
    await device.call('delete-message', { roomId, seq: 3 })
    await inside.next('message-updated', ({ seq, message }) => seq === 1 && message === 'changed')
    await inside.next('message-updated', ({ seq, reactions }) => seq === 2 && reactions?.length === 1)
    await inside.next('message-deleted', ({ seq }) => seq === 3)
  })

  test('a notification made at one arrives at the other, once', async () => {
    const reader = somebody('reader')
    await a.signIn(reader)
    const device = await b.signIn(reader)
    const body = { userIds: [reader], type: 'offer', title: 'An offer', content: 'for you' }
    expect((await a.post('/v1/notifications', { server: true, body })).status).toBeLessThan(300)
    await device.next('notification', ({ title, content }) => title === 'An offer' && content === 'for you')
    await expect.poll(async () => (await b.badge(reader)).notifications, WITHIN).toBe(1)
    expect(device.all('notification')).toHaveLength(1)
  })

  test('many people at both, at the same time: every badge is the recount on either node', async () => {
    const people = Array.from({ length: 6 }, (_, n) => somebody(`person-${n}`))
    const rooms = [await a.room(...people), await b.room(...people)]
    const devices = await Promise.all(people.map((person, n) => (n % 2 === 0 ? a : b).signIn(person)))
    const nodes = [a, b]
    const work = people.map(async (person, n) => {
      for (let step = 0; step < 15; step += 1) {
        const node = nodes[(n + step) % 2]!
        const roomId = rooms[step % 2]!
        await node.send(person, roomId, `${step}`)
        if (step % 4 === n % 4) await node.post(`/v1/rooms/${roomId}/read`, { as: person, body: {} })
      }
    })
    await Promise.all(work)
    const truth = await recountAll(a.ctx.db)
    for (const [n, person] of people.entries()) {
      const { total: expected } = truth.get(person)!
      await shows(devices[n]!, expected)
      for (const node of nodes) {
        await expect.poll(async () => (await node.badge(person)).total, WITHIN).toBe(expected)
      }
    }
  })
})
