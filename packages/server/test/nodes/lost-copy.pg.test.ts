import type { UserId } from '@tally/protocol'
import { expect, test, vi } from 'vitest'
import { tellRecentRows } from '../../src/actions/tell-recent-rows.ts'
import { touchDevices } from '../../src/actions/touch-devices.ts'
import type { Bus } from '../../src/bus/bus.ts'
import type { Database } from '../../src/store/open-database.ts'
import type { Statement } from '../../src/store/statement.ts'
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

test('a message that comes while the rows of a new copy are read, and whose frame is lost, is told by the touch', async () => {
  const [one, two] = nodes()
  if (one === undefined || two === undefined) throw new Error('two nodes are needed')
  const room = await one.room('dan', 'eve')
  const eve = await two.signIn('eve')
  await one.send('dan', room, 'known')
  await eve.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 1)
  await touchDevices(two.ctx)
  const rev = two.ctx.devices.touchedRev('eve' as UserId) ?? 0

  // As it would be some time later: nothing changed lately.
  const query = async <R>(statement: Statement): Promise<R[]> => {
    await two.ctx.db.query<R>(statement)
    for (const bus of buses) bus.loss = 1
    await one.send('dan', room, 'in between')
    for (const bus of buses) bus.loss = 0
    return []
  }
  const db: Database = new Proxy(two.ctx.db, {
    get: (target, name) => (name === 'query' ? query : Reflect.get(target, name)),
  })
  await tellRecentRows({ ...two.ctx, db }, [{ userId: 'eve' as UserId, rev, atMs: performance.now() }])
  await vi.waitFor(
    async () => {
      await touchDevices(two.ctx)
      expect(eve.all('chat-room-updated').at(-1)).toMatchObject({ last_message: 'in between' })
    },
    { timeout: 15_000, interval: 100 },
  )
})
