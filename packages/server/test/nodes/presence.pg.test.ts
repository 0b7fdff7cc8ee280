import type { UserId } from '@tally/protocol'
import { expect, test } from 'vitest'
import { createRoom } from '../../src/actions/create-room.ts'
import { useNodes } from '../../test-support/several-nodes.ts'

const nodes = useNodes(3)

test('people on different nodes see each other come and go', async () => {
  const [one, two] = nodes()
  if (one === undefined || two === undefined) throw new Error('two nodes are needed')
  const memberIds = ['ann', 'bob'] as UserId[]
  await createRoom(one.ctx, null, { kind: 'direct', memberIds, history: 'none' })
  const ann = await one.signIn('ann')
  const bob = await two.signIn('bob')
  expect(await bob.next('presence')).toEqual({ userId: 'ann', online: true, lastSeenAt: null })
  expect(await ann.next('presence')).toEqual({ userId: 'bob', online: true, lastSeenAt: null })
  bob.close()
  const away = await ann.next('presence', ({ online }) => !online)
  expect(away).toEqual({ userId: 'bob', online: false, lastSeenAt: expect.any(String) })
  const later = await two.signIn('ann')
  expect(await later.next('presence')).toEqual(away)
})

test('people on different nodes see each other once they share a room, which is made on a third', async () => {
  const [one, two, three] = nodes()
  if (one === undefined || two === undefined || three === undefined) throw new Error('three nodes are needed')
  const cleo = await one.signIn('cleo')
  const dan = [await two.signIn('dan'), await three.signIn('dan')]
  const memberIds = ['cleo', 'dan'] as UserId[]
  await createRoom(three.ctx, null, { kind: 'direct', memberIds, history: 'none' })
  expect(await cleo.next('presence')).toEqual({ userId: 'dan', online: true, lastSeenAt: null })
  for (const device of dan) {
    expect(await device.next('presence')).toEqual({ userId: 'cleo', online: true, lastSeenAt: null })
  }
})
