import { afterAll, beforeAll, expect, test } from 'vitest'
import { somebody } from '../../test-support/host.ts'
import { TestFleet } from '../../test-support/test-fleet.ts'

let fleet: TestFleet
beforeAll(async () => {
  fleet = await TestFleet.start()
})
afterAll(async () => {
  fleet.closeClients()
  for (const node of fleet.nodes) node.closeClients()
  const { errors } = fleet
  await fleet.stop()
  expect(errors).toEqual([])
})

test('what a device has on one node is heard on another, seen on a third, and stored once they are all gone', async () => {
  const [one, two, three] = fleet.nodes
  if (one === undefined || two === undefined || three === undefined) throw new Error('three nodes are needed')
  const [ann, ben] = [somebody('ann'), somebody('ben')]
  const roomId = await one.room(ann, ben)
  const [sender, phone] = [await one.signIn(ann), await two.signIn(ben)]
  await sender.call('join-room', { roomId, read: false })
  await one.send(ann, roomId, 'one')
  await phone.next('chat-room-updated', ({ last_message }) => last_message === 'one')
  await phone.call('mark-delivered', { rooms: [{ roomId, upToSeq: 5 }] })
  expect(await sender.next('delivery-receipt')).toEqual({ roomId, userId: ben, deliveredSeq: 1 })
  const ofBen = (body: { members: { userId: string }[] }) => body.members.find(({ userId }) => userId === ben)
  await expect
    .poll(async () => ofBen((await three.get(`/v1/rooms/${roomId}`, { as: ann })).body), { timeout: 10_000 })
    .toMatchObject({ deliveredSeq: 1, readSeq: 0 })
  // Not with its rhythm: a node that stops stores what it knows.
  phone.close()
  await two.stop()
  const rows = await one.ctx.db.query<{ seq: number }>({
    name: '',
    text: 'select delivered_seq as seq from members where room_id = $1 and user_id = $2',
    values: [roomId, ben],
  })
  expect(rows).toEqual([{ seq: 1 }])
})
