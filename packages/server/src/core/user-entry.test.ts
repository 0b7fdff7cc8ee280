import type { RoomId, UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import type { LedgerRegister } from './registers.ts'
import { applyStep, createEntry, REVS_PER_WARM, readEntry, type UserEntry } from './user-entry.ts'
import { finishWarm } from './warming.ts'

const ALICE = 'alice' as UserId

describe('a step of a user’s entry', () => {
  test('with the last rev of its warm used up, it goes cold instead of running into the next warm', () => {
    const entry = readyEntry(1)
    entry.n = REVS_PER_WARM - 2
    const last = applyStep(entry, { rooms: [{ roomId: roomAt(0), tally: 1 }] }, 0)
    expect(last).toMatchObject({ state: 'ready', badge: { rev: 2 * REVS_PER_WARM - 1 } })
    expect(applyStep(entry, { rooms: [{ roomId: roomAt(0), tally: 1 }] }, 0)).toMatchObject({
      state: 'ready',
    })
    expect(applyStep(entry, { rooms: [{ roomId: roomAt(0), tally: 2 }] }, 0)).toEqual({
      userId: ALICE,
      state: 'cold',
    })
    expect(readEntry(entry, { userId: ALICE }, 0)).toEqual({ userId: ALICE, state: 'cold' })
  })

  test('never walks over the rooms: it costs the same in 1 room and in 10,000', () => {
    const entry = readyEntry(10_000)
    const walk = () => expect.fail('walked over all rooms')
    Object.assign(entry.rooms, {
      values: walk,
      keys: walk,
      entries: walk,
      forEach: walk,
      [Symbol.iterator]: walk,
    })
    const { rev } = entry.badge
    const opened = { kind: 'open', deviceId: 'phone', roomId: roomAt(7), readEpoch: 0, ttlMs: 1_000 } as const
    applyStep(entry, { rooms: [{ roomId: roomAt(9_999), tally: 3 }], leases: [opened] }, 0)
    applyStep(entry, {}, 2_000)
    const view = readEntry(entry, { userId: ALICE, rooms: [roomAt(9_999)], since: rev }, 2_000)
    expect(view).toMatchObject({ badge: { total: 3 }, changedSince: [{ roomId: roomAt(9_999), shown: 3 }] })
  })

  test('answers never change after they were given', () => {
    const entry = readyEntry(1)
    const connect = { kind: 'connect', deviceId: 'phone', nodeId: 'node-1', ttlMs: 1_000 } as const
    const first = applyStep(entry, { rooms: [{ roomId: roomAt(0), tally: 1 }], leases: [connect] }, 0)
    const copy = structuredClone(first)
    applyStep(entry, { rooms: [{ roomId: roomAt(0), tally: 2, change: 2 }] }, 2_000)
    expect(first).toEqual(copy)
  })

  test('a clock that stands still or goes back neither lapses nor prolongs anything', () => {
    const entry = readyEntry(1)
    const opened = { kind: 'open', deviceId: 'phone', roomId: roomAt(0), readEpoch: 0, ttlMs: 1_000 } as const
    applyStep(entry, { rooms: [{ roomId: roomAt(0), tally: 1 }], leases: [opened] }, 5_000)
    expect(applyStep(entry, {}, 1_000)).toMatchObject({ badge: { total: 0 } })
    expect(applyStep(entry, {}, 6_000)).toMatchObject({ badge: { total: 1 } })
  })
})

function readyEntry(rooms: number): UserEntry {
  const entry = createEntry({ userId: ALICE, warm: 1, nowMs: 0 })
  const registers = Array.from({ length: rooms }, (_, index) => unreadNothing(roomAt(index)))
  expect(finishWarm(entry, { userId: ALICE, warm: 1, registers }, 0)).toMatchObject({ state: 'ready' })
  return entry
}

function roomAt(index: number): RoomId {
  return `room-${index}` as RoomId
}

function unreadNothing(roomId: RoomId): LedgerRegister {
  const flags = { left: false, muted: false, archivedAtTally: null }
  return { roomId, kind: 'room', tally: 0, change: 0, settled: 0, version: 1, flags }
}
