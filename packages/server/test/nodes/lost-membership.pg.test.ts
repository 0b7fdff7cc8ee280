import { expect, test } from 'vitest'
import { touchDevices } from '../../src/actions/touch-devices.ts'
import { LossyBus } from '../../test-support/lossy-bus.ts'
import { useNodes } from '../../test-support/several-nodes.ts'
import type { TestTally } from '../../test-support/test-tally.ts'

const WITHIN = { timeout: 15_000, interval: 20 }

const buses: LossyBus[] = []
const nodes = useNodes(2, {
  wrapBus: (bus) => {
    const lossy = new LossyBus(bus, () => 0)
    buses.push(lossy)
    return lossy
  },
})

test('somebody who is removed hears nothing more of the room, though word of it got lost', async () => {
  const [one, other] = nodes() as [TestTally, TestTally]
  const roomId = await one.room('ann', 'ben')
  const ben = await other.signIn('ben')
  expect(await ben.call('join-room', { roomId })).toMatchObject({ ok: true })
  for (const bus of buses) bus.loss = 1
  const removed = await one.ask('DELETE', `/v1/rooms/${roomId}/members/ben`, { server: true })
  expect(removed.status).toBeLessThan(300)
  await touchDevices(other.ctx)
  for (const bus of buses) bus.loss = 0

  await one.send('ann', roomId, 'among ourselves')
  // Behind it on the same way: what arrives after this would have arrived.
  const direct = await one.room('ann', 'ben')
  await one.send('ann', direct, 'for you')
  await expect.poll(() => ben.all('total-unread-count-updated').at(-1)?.totalUnreadCount, WITHIN).toBe(1)
  expect(ben.all('new-message')).toEqual([])
}, 40_000)

test('a room that is made unread counts where it is shown, too, though word of it got lost', async () => {
  const [one, other] = nodes() as [TestTally, TestTally]
  const roomId = await one.room('eli', 'fay')
  const fay = await other.signIn('fay')
  await one.send('eli', roomId, 'first')
  expect(await fay.call('join-room', { roomId })).toMatchObject({ ok: true })
  for (const bus of buses) bus.loss = 1
  const marked = await one.ask('POST', `/v1/rooms/${roomId}/unread`, { as: 'fay', body: { fromSeq: 1 } })
  expect(marked.status).toBeLessThan(300)
  for (const bus of buses) bus.loss = 0
  await touchDevices(other.ctx)
  await touchDevices(other.ctx)
  expect(await one.badge('fay')).toMatchObject({ total: 1, unreadRooms: 1 })
  await expect.poll(() => fay.all('total-unread-count-updated').at(-1)?.totalUnreadCount, WITHIN).toBe(1)
  // Who opens it again has it open.
  expect(await fay.call('join-room', { roomId, read: false })).toMatchObject({ ok: true })
  await touchDevices(other.ctx)
  expect(await one.badge('fay')).toMatchObject({ total: 0 })
}, 40_000)

test('a device that opened the room after it was made unread keeps it open, though word of the mark got lost', async () => {
  const [one, other] = nodes() as [TestTally, TestTally]
  const roomId = await one.room('gus', 'hal')
  const early = await other.signIn('hal')
  await one.send('gus', roomId, 'first')
  expect(await early.call('join-room', { roomId })).toMatchObject({ ok: true })
  for (const bus of buses) bus.loss = 1
  const marked = await one.ask('POST', `/v1/rooms/${roomId}/unread`, { as: 'hal', body: { fromSeq: 1 } })
  expect(marked.status).toBeLessThan(300)
  for (const bus of buses) bus.loss = 0
  const late = await other.signIn('hal')
  expect(await late.call('join-room', { roomId, read: false })).toMatchObject({ ok: true })
  await touchDevices(other.ctx)
  await touchDevices(other.ctx)
  expect(await one.badge('hal')).toMatchObject({ total: 0 })
  // The other one shows it still, but does not have it open any more.
  expect(await late.call('leave-room', { roomId })).toMatchObject({ ok: true })
  await touchDevices(other.ctx)
  expect(await one.badge('hal')).toMatchObject({ total: 1 })
}, 40_000)

test('a room that was marked unread while it is shown goes on showing what is said, though frames get lost', async () => {
  const [one, other] = nodes() as [TestTally, TestTally]
  const roomId = await one.room('cho', 'dan')
  const dan = await other.signIn('dan')
  await one.send('cho', roomId, 'first')
  expect(await dan.call('join-room', { roomId })).toMatchObject({ ok: true })
  expect(await dan.call('mark-unread', { roomId, fromSeq: 1 })).toMatchObject({ ok: true })
  for (const bus of buses) bus.loss = 1
  await one.send('cho', roomId, 'second')
  for (const bus of buses) bus.loss = 0
  await touchDevices(other.ctx)
  await expect.poll(() => dan.all('new-message').map(({ message }) => message), WITHIN).toEqual(['second'])
}, 40_000)
