import { z } from 'zod'
import { Badge } from './badge.ts'
import { Count, Cursor, RoomId, UserId } from './ids.ts'
import { PageLimit } from './page.ts'

/**
 * - `exact`: ledger, database and recount agree.
 * - `ledger_differs`: the database is exact, the fast copy says otherwise (an event under way, or a drift to repair).
 * - `database_differs`: `tally − settled` is not the recount. Never expected.
 */
export const VERDICTS = ['exact', 'ledger_differs', 'database_differs'] as const
/** What the audit of a count found. */
export const Verdict = z.enum(VERDICTS)
export type Verdict = z.infer<typeof Verdict>

const Counters = {
  tally: Count,
  settled: Count,
  /** tally − settled. */
  unread: Count,
  /** Counted anew from the messages themselves. */
  recount: Count,
  /** 0 if left or open on a live device, else `unread`. */
  shown: Count,
  /** What the fast copy shows; `null` when it holds nothing (cold). */
  ledgerShown: Count.nullable(),
  verdict: Verdict,
}

/** One room's part of the total, and why: `shown`, or nothing when muted or archived. */
export const ExplainedRoom = z.object({
  roomId: RoomId,
  ...Counters,
  left: z.boolean(),
  muted: z.boolean(),
  archived: z.boolean(),
  open: z.boolean(),
})
export type ExplainedRoom = z.infer<typeof ExplainedRoom>

/** Why the badge is what it is. */
export const Explanation = z.object({
  userId: UserId,
  badge: Badge,
  /** The worst of this page. */
  verdict: Verdict,
  notifications: z.object(Counters),
  rooms: z.array(ExplainedRoom),
  next: Cursor.nullable(),
})
export type Explanation = z.infer<typeof Explanation>

/** `userId`: whose badge, for a server key; people may ask for their own only. */
export const ExplainQuery = z.object({
  userId: UserId.optional(),
  cursor: Cursor.optional(),
  limit: PageLimit,
})
export type ExplainQuery = z.infer<typeof ExplainQuery>
