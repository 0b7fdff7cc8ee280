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

test('somebody who is gone is told to be away, though they go on asking another node for their badge', async () => {
  const [one, two] = nodes()
  if (one === undefined || two === undefined) throw new Error('two nodes are needed')
  const memberIds = ['eli', 'fay'] as UserId[]
  await createRoom(one.ctx, null, { kind: 'direct', memberIds, history: 'none' })
  const eli = await one.signIn('eli')
  const fay = await one.signIn('fay')
  expect(await eli.next('presence', ({ userId }) => userId === 'fay')).toMatchObject({ online: true })
  const { rev } = (await two.get('/v1/sync', { as: 'fay' })).body
  const asking = new AbortController()
  const asked = two.get(`/v1/sync?since=${rev}&wait=20`, { as: 'fay', signal: asking.signal })
  await expect.poll(() => two.ctx.devices.waitingFor('fay' as UserId)).toBe(1)
  fay.close()
  const away = await eli.next('presence', ({ online }) => !online)
  expect(away).toMatchObject({ userId: 'fay' })
  const later = await one.signIn('eli')
  expect(await later.next('presence')).toEqual(away)
  asking.abort()
  await asked.catch(() => {})
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
