import {
  type Cursor,
  type ExplainedRoom,
  type Explanation,
  RequestError,
  RoomId,
  type UserId,
  type Verdict,
} from '@tally/protocol'
import { z } from 'zod'
import { feedOf } from '../core/feed.ts'
import type { LedgerRoomView } from '../core/ledger-view.ts'
import { type AuditRow, readAuditOf, readAuditPage } from '../store/read-audit.ts'
import { readUsers } from '../store/read-users.ts'
import type { ActionContext } from './context.ts'
import { decodeCursor, encodeCursor, pageOf } from './list-cursor.ts'
import { readyView } from './ready-view.ts'

export type ExplainBadge = { userId: UserId; cursor?: Cursor | undefined; limit: number }

/**
 * Why somebody's badge is what it is, room by room: the registers, the recount of the messages themselves, and what
 * the ledger shows. The edge has checked that the asker is the person or the host's backend.
 *
 * Database and ledger are not one snapshot. A difference between them is looked at again, so that an event under way
 * is not taken for a drift; a room they still disagree about is reported as `ledger_differs`.
 *
 * @throws RequestError `user_not_found`, `invalid_cursor`, `overloaded`, `storage_unavailable`.
 */
export async function explainBadge(ctx: ActionContext, input: ExplainBadge): Promise<Explanation> {
  const { userId } = input
  if (!(await readUsers(ctx.db, [userId])).has(userId)) throw new RequestError('user_not_found')
  let explanation = await look(ctx, input)
  for (let again = 1; again < LOOKS && explanation.verdict === 'ledger_differs'; again++) {
    explanation = await look(ctx, input)
  }
  return explanation
}

/** Looks before a difference is believed. */
const LOOKS = 3

async function look(ctx: ActionContext, { userId, cursor, limit }: ExplainBadge): Promise<Explanation> {
  const scope = { list: 'explain', owner: userId }
  const afterRoomId = cursor === undefined ? null : decodeCursor(scope, cursor, Place)[0]
  // Everything unread is counted anew, and how much that is the person decides who marks it so.
  const [read, feed] = await ctx.pages(async () => [
    await readAuditPage(ctx.db, { userId, afterRoomId, limit: limit + 1 }),
    await readAuditOf(ctx.db, { userId, roomId: feedOf(userId) }),
  ])
  const { items, next } = pageOf(read, limit, ({ roomId }) => encodeCursor(scope, [roomId]))
  const view = await readyView(ctx, { userId, rooms: [...items.map(({ roomId }) => roomId), feedOf(userId)] })
  const held = new Map(view.rooms.map((room) => [room.roomId, room]))
  const rooms = items.map((row) => explainedRoom(row, held.get(row.roomId)))
  const notifications = feed === undefined ? NO_FEED : countersOf(feed, held.get(feed.roomId))
  return {
    userId,
    badge: view.badge,
    verdict: worst([notifications.verdict, ...rooms.map(({ verdict }) => verdict)]),
    notifications,
    rooms,
    next,
  }
}

const Place = z.tuple([RoomId])

type Counters = Explanation['notifications']

/** Somebody who never had a notification has no feed yet: nothing is unread in it. */
const NO_FEED: Counters = {
  tally: 0,
  settled: 0,
  unread: 0,
  recount: 0,
  shown: 0,
  ledgerShown: 0,
  verdict: 'exact',
}

function explainedRoom(row: AuditRow, held: LedgerRoomView | undefined): ExplainedRoom {
  const { roomId, left, muted, archived } = row
  return { roomId, ...countersOf(row, held), left, muted, archived, open: held?.open ?? false }
}

function countersOf(row: AuditRow, held: LedgerRoomView | undefined): Counters {
  const { tally, settled, recount } = row
  // A drift can go below zero; what the rule itself says, it says for numbers that cannot.
  const unread = Math.max(0, tally - settled)
  const shown = row.left || held?.open === true ? 0 : unread
  const verdict = tally - settled !== recount ? 'database_differs' : ledgerVerdict(row, shown, held)
  return { tally, settled, unread, recount, shown, ledgerShown: held?.shown ?? null, verdict }
}

function ledgerVerdict(row: AuditRow, shown: number, held: LedgerRoomView | undefined): Verdict {
  // A room one left adds nothing whether the ledger holds it or not.
  if (held === undefined) return row.left ? 'exact' : 'ledger_differs'
  const sameFlags = row.left === held.left && row.muted === held.muted && row.archived === held.archived
  // The ledger is told nothing any more of a room one left, so its tally, and with it `archived`, may be old.
  return held.shown === shown && (sameFlags || (row.left && held.left)) ? 'exact' : 'ledger_differs'
}

function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('database_differs')) return 'database_differs'
  return verdicts.includes('ledger_differs') ? 'ledger_differs' : 'exact'
}
