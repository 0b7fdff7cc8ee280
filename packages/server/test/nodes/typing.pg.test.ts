import { expect, test } from 'vitest'
import { useNodes } from '../../test-support/several-nodes.ts'

const nodes = useNodes(2)

test('somebody who types on one node is seen to type, and to stop, on the other', async () => {
  const [one, two] = nodes()
  if (one === undefined || two === undefined) throw new Error('two nodes are needed')
  const roomId = await one.room('ann', 'bob')
  const [ann, bob] = [await one.signIn('ann'), await two.signIn('bob')]
  for (const device of [ann, bob]) await device.call('join-room', { roomId, read: false })
  await ann.call('typing', { roomId, typing: true })
  expect(await bob.next('typing')).toEqual({ roomId, userId: 'ann', typing: true })
  await ann.call('typing', { roomId, typing: false })
  expect(await bob.next('typing')).toEqual({ roomId, userId: 'ann', typing: false })
  ann.emit('typing', { roomId, typing: true })
  await bob.next('typing', ({ typing }) => typing)
  ann.close()
  expect(await bob.next('typing')).toEqual({ roomId, userId: 'ann', typing: false })
  expect(ann.all('typing')).toEqual([])
})
