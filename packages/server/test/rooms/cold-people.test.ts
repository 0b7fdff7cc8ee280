import type { RoomId, UserId } from '@tally/protocol'
import { expect, test } from 'vitest'
import { ColdPeople } from '../../src/actions/cold-people.ts'
import type { Frame } from '../../src/bus/frames.ts'
import { LocalDevices } from '../../src/bus/local-devices.ts'
import { MemoryExchange } from '../../src/bus/memory-bus.ts'
import type { LedgerStep } from '../../src/core/ledger-step.ts'

const [ANN, BOB, CLEO] = ['ann', 'bob', 'cleo'] as [UserId, UserId, UserId]
const step = (userId: UserId, tally = 1): LedgerStep => {
  return { userId, rooms: [{ roomId: 'room' as RoomId, tally, change: tally }] }
}

/** Ann is on both nodes, bob on node two, and every node knows it; cleo is away. */
function setUp() {
  const exchange = new MemoryExchange()
  const clock = { nowMs: 0 }
  const frames: Frame[] = []
  exchange.join('listener').onFrames((heard) => frames.push(...heard))
  const node = (nodeId: string, ...userIds: UserId[]) => {
    const devices = new LocalDevices()
    for (const userId of userIds) devices.connect({ deviceId: `socket:${nodeId}:${userId}`, userId })
    const touched: LedgerStep[] = []
    const people = new ColdPeople({
      bus: exchange.join(nodeId),
      devices,
      touch: (people) => touched.push(...people),
      presence: { mayBeElsewhere: (userId) => userId !== CLEO },
      nowMs: () => clock.nowMs,
    })
    return { people, touched }
  }
  return { clock, frames, one: node('one', ANN), two: node('two', ANN, BOB) }
}

test('a key that one node finds gone is asserted by every other that has the person, with what was missed', () => {
  const { one, two, frames } = setUp()
  one.people.found([step(ANN), step(BOB), step(CLEO)])
  expect(frames).toEqual([{ kind: 'cold', nodeId: 'one', steps: [step(ANN), step(BOB)] }])
  expect(two.touched).toEqual([step(ANN), step(BOB)])
  expect(one.touched).toEqual([])
})

test('nobody is told of people who are away, and of the same person only now and then', () => {
  const { one, two, frames, clock } = setUp()
  one.people.found([step(CLEO)])
  expect(frames).toEqual([])
  one.people.found([step(BOB, 1)])
  clock.nowMs = 999
  one.people.found([step(BOB, 2)])
  expect(two.touched).toEqual([step(BOB, 1)])
  clock.nowMs = 1_000
  one.people.found([step(BOB, 3)])
  expect(two.touched).toEqual([step(BOB, 1), step(BOB, 3)])
})
