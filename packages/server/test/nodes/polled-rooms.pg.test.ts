import type { RoomId } from '@tally/protocol'
import { afterEach, expect, test, vi } from 'vitest'
import { touchDevices } from '../../src/actions/touch-devices.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { somebody } from '../../test-support/host.ts'
import { LossyBus } from '../../test-support/lossy-bus.ts'
import { useNodes } from '../../test-support/several-nodes.ts'
import type { Answer, TestTally } from '../../test-support/test-tally.ts'

const buses: LossyBus[] = []
const nodes = useNodes(2, {
  wrapBus: (bus: Bus) => {
    const lossy = new LossyBus(bus, () => 0.5)
    buses.push(lossy)
    return lossy
  },
})
afterEach(() => {
  for (const bus of buses) bus.loss = 0
  vi.restoreAllMocks()
})

const [here, there] = [0, 1].map((index) => () => nodes()[index] as TestTally) as [
  () => TestTally,
  () => TestTally,
]

/** From now on nothing that is said on another node is heard. */
const loseFrames = () => {
  for (const bus of buses) bus.loss = 1
}

/** A device that asks the first node, each time from where its last answer ended. */
function device(as: string, roomId: RoomId, readEpoch?: number) {
  let [since, change] = [0, 0]
  return async (): Promise<Answer['body']> => {
    const open = readEpoch === undefined ? '' : `&open=${roomId}:${readEpoch}`
    const query = `since=${since}&rooms=${roomId}:${change}&device=device-1${open}`
    const { status, body } = await here().get(`/v1/sync?${query}`, { as })
    expect(status).toBe(200)
    since = body.rev
    change = body.changes[roomId] ?? change
    return body
  }
}

async function group() {
  const [kim, lee, han] = [somebody('kim'), somebody('lee'), somebody('han')]
  return { kim, lee, han, roomId: await there().room(kim, lee, han) }
}

const looksAtPeople = () => {
  const queries = vi.spyOn(here().ctx.db, 'query')
  return () => queries.mock.calls.filter(([{ name }]) => name === 'read-members-of-rooms').length
}

test('who is in a polled room is looked up once, however many are told of however many messages', async () => {
  const { kim, lee, han, roomId } = await group()
  const polls = [kim, lee, han].map((who) => device(who, roomId))
  for (const poll of polls) await poll()
  const looks = looksAtPeople()
  for (let message = 1; message <= 5; message++) {
    await there().send(kim, roomId, `message ${message}`)
    for (const poll of polls) expect((await poll()).rooms).toMatchObject([{ id: roomId, seq: message }])
  }
  expect(looks()).toBe(1)
})

test.each(['heard', 'lost'])(
  'a new title and whoever came or left on another node are in the next answer, though word of it is %s',
  async (word) => {
    const { kim, lee, han, roomId } = await group()
    const poll = device(kim, roomId)
    await poll()
    await there().send(lee, roomId, 'hello')
    await poll()
    if (word === 'lost') loseFrames()
    await there().ask('PATCH', `/v1/rooms/${roomId}`, { server: true, body: { title: 'Backend' } })
    expect((await poll()).rooms).toMatchObject([{ title: 'Backend', memberCount: 3 }])
    await there().ask('DELETE', `/v1/rooms/${roomId}/members/${han}`, { server: true })
    const left = (await poll()).rooms[0]
    expect(left.memberCount).toBe(2)
    expect(left.members).toContainEqual(expect.objectContaining({ userId: han, left: true }))
    const cho = somebody('cho')
    await there().post(`/v1/rooms/${roomId}/members`, { server: true, body: { userIds: [cho] } })
    expect((await poll()).rooms[0].members).toContainEqual(
      expect.objectContaining({ userId: cho, left: false }),
    )
  },
)

test('somebody’s new name and how far they read are in the next row, told on whichever node', async () => {
  const { kim, lee, roomId } = await group()
  const poll = device(kim, roomId)
  await poll()
  await there().send(kim, roomId, 'hello')
  await poll()
  await there().ask('PUT', `/v1/users/${lee}`, { server: true, body: { name: 'Lee the Second' } })
  await there().post(`/v1/rooms/${roomId}/read`, { as: lee, body: { upToSeq: 1 } })
  await there().send(kim, roomId, 'how are you?')
  const [row] = (await poll()).rooms
  const found = row.members.find(({ userId }: { userId: string }) => userId === lee)
  expect(found).toMatchObject({ name: 'Lee the Second', readSeq: 1 })
})

test('a mark as unread shows on the badge with the touch, though a polling device shows the room and word of it is lost', async () => {
  const { kim, lee, roomId } = await group()
  const poll = device(kim, roomId, 0)
  await poll()
  await there().send(lee, roomId, 'hello')
  expect((await poll()).badge.total).toBe(0)
  loseFrames()
  await there().post(`/v1/rooms/${roomId}/unread`, { as: kim, body: { fromSeq: 1 } })
  await touchDevices(here().ctx)
  await expect.poll(async () => (await poll()).badge.total, { timeout: 20_000 }).toBe(1)
})
