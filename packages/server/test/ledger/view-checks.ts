import assert from 'node:assert/strict'
import type { RoomId } from '@tally/protocol'
import type { LedgerRoom } from '../../src/core/ledger-step.ts'
import type { LedgerView } from '../../src/core/ledger-view.ts'
import { REVS_PER_WARM } from '../../src/core/user-entry.ts'

export type ReadyView = Extract<LedgerView, { state: 'ready' }>

/** Between two looks: rev never falls, and within a warm it rises exactly when something visible changed. */
export function checkRev(seen: ReadyView, view: ReadyView): void {
  assert(view.badge.rev >= seen.badge.rev, 'rev never falls')
  if (Math.floor(view.badge.rev / REVS_PER_WARM) !== Math.floor(seen.badge.rev / REVS_PER_WARM)) return
  const differing = roomsThatDiffer(seen, view)
  assert.equal(view.badge.rev > seen.badge.rev, differing.size > 0, 'rev rises with visible changes alone')
  assert(view.changedSince !== 'unknown')
  assert.deepEqual(
    new Set(view.changedSince.map(({ roomId }) => roomId)),
    differing,
    'changed since the last rev',
  )
}

/** Rooms whose rows are not what they were, new ones included. */
export function roomsThatDiffer(before: ReadyView, after: ReadyView): Set<RoomId> {
  const rows = new Map(before.rooms.map((room) => [room.roomId, room]))
  const differing = after.rooms.filter((room) => {
    const row = rows.get(room.roomId)
    return row === undefined || !looksTheSame(row, room)
  })
  return new Set(differing.map(({ roomId }) => roomId))
}

/** Whether nobody could tell the two rows apart. */
export function looksTheSame(a: LedgerRoom, b: LedgerRoom): boolean {
  return (
    a.shown === b.shown &&
    a.change === b.change &&
    a.muted === b.muted &&
    a.archived === b.archived &&
    a.left === b.left
  )
}

/** Whether both badges say the same. */
export function sameNumbers({ badge: a }: ReadyView, { badge: b }: ReadyView): boolean {
  return a.total === b.total && a.unreadRooms === b.unreadRooms && a.notifications === b.notifications
}
