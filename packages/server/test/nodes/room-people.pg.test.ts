import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { somebody } from '../../test-support/host.ts'
import { TestFleet } from '../../test-support/test-fleet.ts'
import type { Answer, TestTally } from '../../test-support/test-tally.ts'

const WAIT = { timeout: 15_000 }

let fleet: TestFleet
beforeAll(async () => {
  fleet = await TestFleet.start()
}, 60_000)
afterEach(() => {
  vi.restoreAllMocks()
})
afterAll(async () => {
  await fleet.stop()
  expect(fleet.errors).toEqual([])
})

/** A polled room whose people one server remembers; the other one is where things happen. */
async function polledRoom() {
  const [asked, other] = fleet.nodes as readonly [TestTally, TestTally]
  const [kim, lee, han] = [somebody('kim'), somebody('lee'), somebody('han')]
  const roomId = await other.room(kim, lee, han)
  let since = 0
  const poll = async (): Promise<Answer['body'][]> => {
    const { status, body } = await asked.get(`/v1/sync?since=${since}&rooms=${roomId}:0`, { as: kim })
    expect(status).toBe(200)
    since = body.rev
    return body.rooms
  }
  await poll()
  // What was said of the people while they came into the room has been heard by now, and they are remembered.
  await other.send(lee, roomId, 'hello')
  await vi.waitFor(async () => expect(await poll()).toMatchObject([{ seq: 1 }]), WAIT)
  const queries = vi.spyOn(asked.ctx.db, 'query')
  const looks = () => queries.mock.calls.filter(([{ name }]) => name === 'read-members-of-rooms').length
  return { other, kim, lee, han, roomId, poll, looks }
}

test('over Redis, whoever comes, leaves or renames the room on one server is in the very next answer of another', async () => {
  const { other, han, roomId, poll, looks } = await polledRoom()
  await other.ask('PATCH', `/v1/rooms/${roomId}`, { server: true, body: { title: 'Backend' } })
  expect(await poll()).toMatchObject([{ title: 'Backend', memberCount: 3 }])
  await other.ask('DELETE', `/v1/rooms/${roomId}/members/${han}`, { server: true })
  const [left] = await poll()
  expect(left?.memberCount).toBe(2)
  expect(left?.members).toContainEqual(expect.objectContaining({ userId: han, left: true }))
  const cho = somebody('cho')
  await other.post(`/v1/rooms/${roomId}/members`, { server: true, body: { userIds: [cho] } })
  const [joined] = await poll()
  expect(joined?.members).toContainEqual(expect.objectContaining({ userId: cho, left: false }))
  expect(looks()).toBe(3)
})

test('over Redis, a new name and how far somebody read on one server are told by another, which looks once more at the most', async () => {
  const { other, lee, roomId, poll, looks } = await polledRoom()
  await other.ask('PUT', `/v1/users/${lee}`, { server: true, body: { name: 'Lee the Second' } })
  await other.post(`/v1/rooms/${roomId}/read`, { as: lee, body: { upToSeq: 1 } })
  let said = 1
  // Word of it goes by the bus: an answer of the same moment may be from before.
  await vi.waitFor(async () => {
    await other.send(lee, roomId, `message ${++said}`)
    const [row] = await poll()
    const shown = row?.members.find(({ userId }: { userId: string }) => userId === lee)
    expect(shown).toMatchObject({ name: 'Lee the Second', readSeq: 1 })
  }, WAIT)
  expect(looks()).toBe(1)
})
