import type { RoomId, UserId } from '@tally/protocol'
import type { LedgerRoomView, LedgerView } from '../core/ledger-view.ts'
import { isArchived, type LedgerRegister, shownOf } from '../core/registers.ts'
import { readDrifts } from '../store/read-audit.ts'
import { readSnapshot } from '../store/read-snapshot.ts'
import type { ActionContext } from './context.ts'

/** Two of the three that have to say the same and do not: the ledger, the database's registers, the messages counted. */
export type Mismatch = {
  /** `database`: tally − settled is not the recount. `ledger`: it does not show what the registers say. */
  readonly kind: 'ledger' | 'database'
  readonly userId: UserId
  /** `null`: the badge is not the sum of the ledger's own rooms. */
  readonly roomId: RoomId | null
  /** Both sides in numbers. Seen twice, nothing moved between: this was no event on its way. */
  readonly saw: string
}

/** In rooms in which somebody is further behind the messages are not counted. */
const MOST_BEHIND = 5_000

/**
 * Compares a person's badge in the ledger with the registers in the database, and these with the messages. What is on
 * its way at this moment looks like a mismatch, too; a person whose key is cold has no badge to be wrong.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function findMismatches(ctx: ActionContext, userId: UserId): Promise<Mismatch[]> {
  const snapshot = await readSnapshot(ctx.db, [userId])
  const registers = snapshot.get(userId) ?? []
  const [view] = await ctx.ledger.read([{ userId, rooms: registers.map(({ roomId }) => roomId) }])
  const drifts = await readDrifts(ctx.db, { userId, mostBehind: MOST_BEHIND })
  const wrong = drifts.map(({ roomId, tally, settled, version, recount }): Mismatch => {
    const saw = `tally ${tally} - settled ${settled} (version ${version}), but ${recount} unread`
    return { kind: 'database', userId, roomId, saw }
  })
  return wrong.concat(view?.state === 'ready' ? ledgerMismatches(view, registers) : [])
}

type ReadyView = Extract<LedgerView, { state: 'ready' }>

function ledgerMismatches(view: ReadyView, registers: readonly LedgerRegister[]): Mismatch[] {
  const { userId, badge } = view
  const held = new Map(view.rooms.map((room) => [room.roomId, room]))
  const mismatches = registers
    .filter((register) => !agree(register, held.get(register.roomId)))
    .map((register): Mismatch => {
      const saw = JSON.stringify({ register, held: held.get(register.roomId) ?? null })
      return { kind: 'ledger', userId, roomId: register.roomId, saw }
    })
  const sum = sumOf(view.rooms)
  const isSum = sum.total === badge.total && sum.notifications === badge.notifications
  if (isSum) return mismatches
  const saw = JSON.stringify({ badge, sum })
  return [...mismatches, { kind: 'ledger', userId, roomId: null, saw }]
}

function agree(register: LedgerRegister, held: LedgerRoomView | undefined): boolean {
  const { left, muted } = register.flags
  // A room one left adds nothing whether the ledger holds it or not, and the ledger is told nothing more of it.
  if (left) return held === undefined || (held.left && held.shown === 0)
  if (held === undefined || held.left) return false
  const isShown = held.shown === shownOf(register, held.open)
  return isShown && held.muted === muted && held.archived === isArchived(register)
}

function sumOf(rooms: readonly LedgerRoomView[]): { total: number; notifications: number } {
  const sum = { total: 0, notifications: 0 }
  for (const { kind, shown, muted, archived } of rooms) {
    if (kind === 'feed') sum.notifications += shown
    else if (!muted && !archived) sum.total += shown
  }
  return sum
}
