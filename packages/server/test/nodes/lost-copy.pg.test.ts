import type { UserId } from '@tally/protocol'
import { expect, test, vi } from 'vitest'
import { touchDevices } from '../../src/actions/touch-devices.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { LossyBus } from '../../test-support/lossy-bus.ts'
import { useNodes } from '../../test-support/several-nodes.ts'

const buses: LossyBus[] = []
const nodes = useNodes(2, {
  wrapBus: (bus: Bus) => {
    const lossy = new LossyBus(bus, () => 0)
    buses.push(lossy)
    return lossy
  },
})

test('the row of a message that came while the ledger had lost its reader, and of which no frame arrived, is told by the touch', async () => {
  const [one, two] = nodes()
  if (one === undefined || two === undefined) throw new Error('two nodes are needed')
  const [changed, quiet] = [await one.room('ann', 'bob'), await one.room('cat', 'bob')]
  const bob = await two.signIn('bob')
  await one.send('cat', quiet, 'long known')
  await one.send('ann', changed, 'known')
  await bob.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 2)
  await touchDevices(two.ctx)
  await one.ctx.ledger.drop(['bob' as UserId])
  for (const bus of buses) bus.loss = 1
  await one.send('ann', changed, 'unheard')
  for (const bus of buses) bus.loss = 0
  expect(bob.all('chat-room-updated').filter(({ last_message }) => last_message === 'unheard')).toEqual([])

  // The first one finds the key gone, and has it made anew.
  await vi.waitFor(
    async () => {
      await touchDevices(two.ctx)
      const rows = bob.all('chat-room-updated').filter(({ roomId }) => roomId === changed)
      expect(rows.at(-1)).toMatchObject({ last_message: 'unheard', unread_count: 2 })
    },
    { timeout: 15_000, interval: 100 },
  )
  await bob.settled()
  expect(bob.all('total-unread-count-updated').at(-1)?.totalUnreadCount).toBe(3)
})
