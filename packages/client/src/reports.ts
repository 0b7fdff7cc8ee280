import type { RoomId, Seq, UserId, v1 } from '@tally/protocol'
import { type Caller, nativeCall } from './native-call.ts'

type ReportEndpoint = (typeof v1)['report']
const REPORT = { method: 'POST', path: '/v1/reports' } as const

/** Why: a word of the host's own list, and what somebody says beside it. */
type Why = { reason: string; note?: string }

/**
 * Tells the host about a message; nobody else learns of it.
 * @throws RequestError `message_not_found`, `rate_limited`, …
 */
export async function reportMessage(
  tally: Caller,
  report: { roomId: RoomId; seq: Seq } & Why,
): Promise<void> {
  await nativeCall<ReportEndpoint>(tally, REPORT, { body: report })
}

/**
 * Tells the host about a person one shares or shared a room with.
 * @throws RequestError `user_not_found`, `rate_limited`, …
 */
export async function reportPerson(tally: Caller, report: { userId: UserId } & Why): Promise<void> {
  await nativeCall<ReportEndpoint>(tally, REPORT, { body: report })
}
