import type { UserId } from '@tally/protocol'
import { expect, test, vi } from 'vitest'
import { useNodes } from '../../test-support/several-nodes.ts'

const nodes = useNodes(2)

test('a message that finds its reader cold on another node reaches them all the same: row, badge, and nothing twice', async () => {
  const [one, two] = nodes()
  if (one === undefined || two === undefined) throw new Error('two nodes are needed')
  const roomId = await one.room('ann', 'bob')
  const bob = await two.signIn('bob')
  await one.send('ann', roomId, 'warm')
  await bob.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 1)
  await vi.waitFor(() => expect(one.ctx.presence.mayBeElsewhere('bob' as UserId)).toBe(true), {
    timeout: 15_000,
  })
  await one.ctx.ledger.drop(['bob' as UserId])
  await one.send('ann', roomId, 'cold')
  expect(await bob.next('chat-room-updated', (row) => row.last_message === 'cold')).toMatchObject({
    roomId,
    unread_count: 2,
  })
  await bob.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 2)
  expect(await two.badge('bob')).toMatchObject({ total: 2, unreadRooms: 1 })
})

test('a message that finds somebody cold who is on two nodes reaches the devices on both', async () => {
  const [one, two] = nodes()
  if (one === undefined || two === undefined) throw new Error('two nodes are needed')
  const roomId = await one.room('dan', 'eve')
  const eve = 'eve' as UserId
  const devices = [await one.signIn(eve), await two.signIn(eve)]
  await one.send('dan', roomId, 'warm')
  await Promise.all(devices.map((device) => device.next('total-unread-count-updated', hasTotal(1))))
  await vi.waitFor(() => expect(one.ctx.presence.mayBeElsewhere(eve)).toBe(true), { timeout: 15_000 })
  await one.ctx.ledger.drop([eve])
  await one.send('dan', roomId, 'cold')
  for (const device of devices) {
    await device.next('chat-room-updated', (row) => row.last_message === 'cold' && row.unread_count === 2)
    await device.next('total-unread-count-updated', hasTotal(2))
  }
})

const hasTotal =
  (total: number) =>
  ({ totalUnreadCount }: { totalUnreadCount: number }) =>
    totalUnreadCount === total
