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

/** Ann is on node one, bob on node two, and every node knows it; cleo is away. */
function setUp() {
  const exchange = new MemoryExchange()
  const clock = { nowMs: 0 }
  const frames: Frame[] = []
  exchange.join('listener').onFrames((heard) => frames.push(...heard))
  const node = (nodeId: string, userId: UserId) => {
    const devices = new LocalDevices()
    devices.connect({ deviceId: `socket:${userId}`, userId })
    const warmed: LedgerStep[] = []
    const people = new ColdPeople({
      bus: exchange.join(nodeId),
      devices,
      warmer: { again: (steps) => warmed.push(...steps) },
      presence: { mayBeElsewhere: (userId) => userId !== CLEO },
      nowMs: () => clock.nowMs,
    })
    return { people, warmed }
  }
  return { clock, frames, one: node('one', ANN), two: node('two', BOB) }
}

test('a key that one node finds gone is warmed by the node that has the person, with what was missed', () => {
  const { one, two, frames } = setUp()
  one.people.found([step(ANN), step(BOB), step(CLEO)])
  expect(frames).toEqual([{ kind: 'cold', nodeId: 'one', steps: [step(BOB)] }])
  expect(two.warmed).toEqual([step(BOB)])
  expect(one.warmed).toEqual([])
})

test('nobody is told of people who are here or away, and of the same person only now and then', () => {
  const { one, two, frames, clock } = setUp()
  one.people.found([step(ANN), step(CLEO)])
  expect(frames).toEqual([])
  one.people.found([step(BOB, 1)])
  clock.nowMs = 4_999
  one.people.found([step(BOB, 2)])
  expect(two.warmed).toEqual([step(BOB, 1)])
  clock.nowMs = 5_000
  one.people.found([step(BOB, 3)])
  expect(two.warmed).toEqual([step(BOB, 1), step(BOB, 3)])
})
