import type { RoomId, UserId } from '@tally/protocol'
import { expect, test, vi } from 'vitest'
import { RoomPeople } from '../../src/actions/room-people.ts'
import type { Frame } from '../../src/bus/frames.ts'
import type { MemberOfRoom, MembersOfRoom } from '../../src/store/read-members.ts'

const [R, S] = ['r', 's'] as RoomId[] as [RoomId, RoomId]
const [ann, ben] = ['ann', 'ben'] as UserId[] as [UserId, UserId]

const member = (userId: UserId, readSeq: number): MemberOfRoom => ({
  ...({ name: `${userId}’s name`, image: null, userType: null, role: 'member', left: false } as const),
  ...{ userId, readSeq, deliveredSeq: readSeq },
})
const read = (userId: UserId, readSeq: number, roomId = R): Frame => ({
  kind: 'room-event',
  roomId,
  event: 'read-receipt',
  payload: { roomId, userId, readSeq },
})

/** A database in which ann and ben are in every room and have read up to 3. */
function people({ maxRooms = 10, answer = Promise.resolve() } = {}) {
  const clock = { nowMs: 0 }
  const looks = vi.fn(async (roomIds: readonly RoomId[]) => {
    await answer
    return new Map<RoomId, MembersOfRoom>(
      roomIds.map((id) => [id, { members: [member(ann, 3), member(ben, 3)], presentCount: 2 }]),
    )
  })
  const remembered = new RoomPeople({ read: looks, maxAgeMs: 300_000, maxRooms, nowMs: () => clock.nowMs })
  const readSeqs = async (id: RoomId, membership = 1) => {
    const found = await remembered.of([{ id, membership }])
    const { members = [] } = found.get(id) ?? {}
    // What was read is on a device, too.
    expect(members.every(({ readSeq, deliveredSeq }) => deliveredSeq >= readSeq)).toBe(true)
    return members.map(({ readSeq }) => readSeq)
  }
  return { remembered, looks, clock, readSeqs }
}

test('people of a room are looked up once, whoever asks, and those of several rooms together', async () => {
  const { remembered, looks } = people()
  const rooms = [R, S].map((id) => ({ id, membership: 1 }))
  const [one, other] = await Promise.all([remembered.of(rooms), remembered.of(rooms)])
  expect([...one.keys(), ...other.keys()]).toEqual([R, S, R, S])
  await remembered.of([{ id: S, membership: 1 }])
  expect(looks.mock.calls).toEqual([[[R, S]]])
})

test('somebody who came or went is seen by the version of the membership, whatever was heard', async () => {
  const { looks, readSeqs } = people()
  await readSeqs(R, 4)
  await readSeqs(R, 3)
  expect(looks).toHaveBeenCalledTimes(1)
  await readSeqs(R, 5)
  expect(looks).toHaveBeenCalledTimes(2)
})

test('whoever read on is told with the next answer, also when it was said while the room was looked up', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { remembered, readSeqs, looks } = people({ answer: promise })
  const first = readSeqs(R)
  remembered.hear(read(ann, 5))
  resolve()
  expect(await first).toEqual([5, 3])
  remembered.hear(read(ben, 7))
  remembered.hear(read(ben, 6))
  remembered.hear(read(ben, 9, S))
  expect(await readSeqs(R)).toEqual([5, 7])
  expect(looks).toHaveBeenCalledTimes(1)
})

test('another name is looked up, where the person is; all is, after five minutes and after a loss', async () => {
  const { remembered, looks, clock, readSeqs } = people()
  await readSeqs(R)
  remembered.hear({ kind: 'profile-changed', userId: 'somebody else' as UserId })
  await readSeqs(R)
  expect(looks).toHaveBeenCalledTimes(1)
  remembered.hear({ kind: 'profile-changed', userId: ben })
  await readSeqs(R)
  expect(looks).toHaveBeenCalledTimes(2)
  clock.nowMs = 299_999
  await readSeqs(R)
  expect(looks).toHaveBeenCalledTimes(2)
  clock.nowMs = 300_000
  await readSeqs(R)
  expect(looks).toHaveBeenCalledTimes(3)
  remembered.clear()
  await readSeqs(R)
  expect(looks).toHaveBeenCalledTimes(4)
})

test('a look-up that failed is tried again, and rooms that nobody asked for longest are forgotten', async () => {
  const { remembered, looks, readSeqs } = people({ maxRooms: 1 })
  looks.mockRejectedValueOnce(new Error('the database is away'))
  await expect(remembered.of([{ id: R, membership: 1 }])).rejects.toThrow('away')
  expect(await readSeqs(R)).toEqual([3, 3])
  await readSeqs(S)
  await readSeqs('t' as RoomId)
  await readSeqs(R)
  expect(looks).toHaveBeenCalledTimes(5)
})

test('a room that is asked for is answered, however many others are looked up with it, and stays remembered', async () => {
  const { remembered, looks, readSeqs } = people({ maxRooms: 2 })
  const [T, U] = ['t', 'u'] as [RoomId, RoomId]
  await remembered.of([R, S].map((id) => ({ id, membership: 1 })))
  await readSeqs(R)
  await readSeqs(T)
  const found = await remembered.of([R, U].map((id) => ({ id, membership: 1 })))
  expect([...found.values()].map(({ presentCount }) => presentCount)).toEqual([2, 2])
  expect(looks.mock.calls).toEqual([[[R, S]], [[T]], [[U]]])
  await readSeqs(R)
  expect(looks).toHaveBeenCalledTimes(3)
})
