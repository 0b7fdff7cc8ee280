import { expect, test } from 'vitest'
import { recountAll } from '../../test-support/oracle.ts'
import { ReversingBus } from '../../test-support/reversing-bus.ts'
import { useNodes } from '../../test-support/several-nodes.ts'
import type { TestTally } from '../../test-support/test-tally.ts'

const MESSAGES = 60
const WITHIN = { timeout: 15_000, interval: 20 }

const nodes = useNodes(3, {
  env: { TALLY_SENDS_PER_SECOND: '1000', TALLY_SEND_BURST: '1000' },
  wrapBus: (bus) => new ReversingBus(bus),
})

test('[29] two nodes commit into one room at once, events arrive reversed: the same badge everywhere, messages in order, once', async () => {
  const [one, other, third] = nodes() as [TestTally, TestTally, TestTally]
  const roomId = await one.room('ann', 'ben', 'cho', 'dan')
  const screen = await third.signIn('cho')
  const listener = await third.signIn('dan')
  expect(await screen.call('join-room', { roomId })).toMatchObject({ ok: true })
  const talk = async (node: TestTally, name: string) => {
    for (let sent = 0; sent < MESSAGES; sent += 1) await node.send(name, roomId, `${name} ${sent}`)
  }
  await Promise.all([talk(one, 'ann'), talk(other, 'ben')])

  const inOrder = Array.from({ length: 2 * MESSAGES }, (_, index) => index + 1)
  await expect.poll(() => screen.all('new-message').length, WITHIN).toBe(inOrder.length)
  expect(screen.all('new-message').map(({ seq }) => seq)).toEqual(inOrder)
  const total = (await recountAll(one.ctx.db)).get('dan')?.total
  await expect
    .poll(() => listener.all('total-unread-count-updated').at(-1)?.totalUnreadCount, WITHIN)
    .toBe(total)
  for (const node of nodes()) expect(await node.badge('dan')).toMatchObject({ total })
}, 60_000)
