import type { RoomId } from '@tally/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isArchived, MERGE_RULE, type MemberPart, shownOf, unreadOf } from './registers.ts'
import { createRoomEntry, isComplete, mergeUpdate, type RoomEntry } from './room-entry.ts'

const ROOM = 'room' as RoomId
const FLAGS = { left: false, muted: false, archivedAtTally: null }

/** What one commit says: of one version of a row there is only one text. */
const update = fc
  .record({
    tally: fc.option(fc.nat(20), { nil: undefined }),
    change: fc.option(fc.nat(20), { nil: undefined }),
    version: fc.option(fc.nat(12), { nil: undefined }),
  })
  .map(({ tally, change, version }) => ({
    ...(tally === undefined ? {} : { tally }),
    ...(change === undefined ? {} : { change }),
    ...(version === undefined ? {} : { member: rowOf(version) }),
  }))

function rowOf(version: number): MemberPart {
  const flags = {
    left: version % 5 === 4,
    muted: version % 2 === 1,
    archivedAtTally: version % 3 === 0 ? version : null,
  }
  return { kind: 'room', settled: (version * 7) % 11, version, flags }
}

function merged(updates: readonly Parameters<typeof mergeUpdate>[1][]): Partial<RoomEntry> {
  const room = createRoomEntry(ROOM)
  for (const one of updates) mergeUpdate(room, one, MERGE_RULE)
  const { kind, tally, change, settled, version, flags } = room
  return { kind, tally, change, settled, version, flags }
}

describe('merging registers', () => {
  test('gives the same in any order', () => {
    const shuffled = fc
      .array(update, { maxLength: 12 })
      .chain((updates) =>
        fc.tuple(fc.constant(updates), fc.shuffledSubarray(updates, { minLength: updates.length })),
      )
    fc.assert(
      fc.property(shuffled, ([updates, others]) => {
        expect(merged(others)).toEqual(merged(updates))
      }),
    )
  })

  test('gives the same when anything comes twice', () => {
    fc.assert(
      fc.property(
        fc.array(update, { maxLength: 12 }),
        fc.array(fc.nat(11), { maxLength: 6 }),
        (updates, again) => {
          const repeated = again.flatMap((index) => updates[index] ?? [])
          expect(merged([...updates, ...repeated])).toEqual(merged(updates))
        },
      ),
    )
  })

  test('never takes settled of one version and flags of another', () => {
    fc.assert(
      fc.property(fc.array(update, { maxLength: 12 }), (updates) => {
        const { version = -1, settled, flags } = merged(updates)
        if (version !== -1)
          expect({ settled, flags }).toEqual({ settled: rowOf(version).settled, flags: rowOf(version).flags })
      }),
    )
  })

  test('a room is complete only with a tally and a row', () => {
    const room = createRoomEntry(ROOM)
    mergeUpdate(room, { tally: 0, change: 0 }, MERGE_RULE)
    expect(isComplete(room)).toBe(false)
    mergeUpdate(room, { member: rowOf(0) }, MERGE_RULE)
    expect(isComplete(room)).toBe(true)
  })
})

describe('what a register shows', () => {
  test('unread is tally − settled and never negative', () => {
    expect(unreadOf({ tally: 7, settled: 4 })).toBe(3)
    expect(unreadOf({ tally: 7, settled: 7 })).toBe(0)
    expect(unreadOf({ tally: 7, settled: 9 })).toBe(0)
  })

  test('archived until a higher tally', () => {
    expect(isArchived({ tally: 3, flags: FLAGS })).toBe(false)
    expect(isArchived({ tally: 3, flags: { ...FLAGS, archivedAtTally: 3 } })).toBe(true)
    expect(isArchived({ tally: 2, flags: { ...FLAGS, archivedAtTally: 3 } })).toBe(true)
    expect(isArchived({ tally: 4, flags: { ...FLAGS, archivedAtTally: 3 } })).toBe(false)
    expect(isArchived({ tally: 0, flags: { ...FLAGS, archivedAtTally: 0 } })).toBe(true)
  })

  test('a room that is open or left shows nothing', () => {
    const register = { tally: 5, settled: 2, flags: FLAGS }
    expect(shownOf(register, false)).toBe(3)
    expect(shownOf(register, true)).toBe(0)
    expect(shownOf({ ...register, flags: { ...FLAGS, left: true } }, false)).toBe(0)
    expect(shownOf({ ...register, flags: { ...FLAGS, muted: true } }, false)).toBe(3)
  })
})
