import { type Cursor, IsoTime, type Report, type ReportBody, RequestError } from '@tally/protocol'
import { z } from 'zod'
import {
  readReportPage,
  reportMessage,
  reportPerson,
  resolveReport as writeResolved,
} from '../store/reports.ts'
import type { ActionContext, Caller } from './context.ts'
import { decodeCursor, encodeCursor, pageOf } from './list-cursor.ts'

/**
 * Tells the host about a message or a person. The same twice is one report.
 *
 * @throws RequestError `message_not_found` for a message that is not there and for one in a room the caller is not in,
 * `user_not_found` for somebody the caller never shared a room with, `rate_limited`, `storage_unavailable`.
 */
export async function report(ctx: ActionContext, { userId }: Caller, body: ReportBody): Promise<void> {
  const rate = ctx.rateLimits.reports.take(userId, ctx.now())
  if (!rate.ok) throw new RequestError('rate_limited', { retryAfterMs: rate.retryAfterMs })
  const made = { id: ctx.newId(), reporterId: userId, reason: body.reason, note: body.note ?? null }
  if ('userId' in body) {
    if (!(await reportPerson(ctx.db, { ...made, userId: body.userId })))
      throw new RequestError('user_not_found')
  } else if (!(await reportMessage(ctx.db, { ...made, roomId: body.roomId, seq: body.seq }))) {
    throw new RequestError('message_not_found')
  }
}

const Place = z.tuple([IsoTime, z.string()])
const SCOPE = { list: 'reports', owner: '' }

/** @throws RequestError `invalid_cursor`, `storage_unavailable`. */
export async function listReports(
  ctx: ActionContext,
  { cursor, limit }: { cursor?: Cursor | undefined; limit: number },
): Promise<{ items: Report[]; next: Cursor | null }> {
  const place = cursor === undefined ? undefined : decodeCursor(SCOPE, cursor, Place)
  const before = place === undefined ? null : { createdAt: place[0], id: place[1] }
  const read = await readReportPage(ctx.db, { before, limit: limit + 1 })
  return pageOf(read, limit, ({ createdAt, id }) => encodeCursor(SCOPE, [createdAt, id]))
}

/** @throws RequestError `not_found`, `storage_unavailable`. */
export async function resolveReport(ctx: ActionContext, { reportId }: { reportId: string }): Promise<void> {
  if (!(await writeResolved(ctx.db, reportId))) throw new RequestError('not_found')
}
