import { z } from 'zod'
import { IsoTime, RoomId, Seq, UserId } from './ids.ts'
import { LIMITS } from './limits.ts'
import { line, multiline } from './text.ts'

/** Why: a word of the host's own list. */
export const ReportReason = line(LIMITS.typeChars, 1)

/** Reports a message, or a person one shares or shared a room with. The same twice is one report. */
export const ReportBody = z.union([
  z.object({
    roomId: RoomId,
    seq: Seq,
    reason: ReportReason,
    note: multiline(LIMITS.reportNoteChars).optional(),
  }),
  z.object({ userId: UserId, reason: ReportReason, note: multiline(LIMITS.reportNoteChars).optional() }),
])
export type ReportBody = z.infer<typeof ReportBody>

/** A report as the host's backend reads it; `text` is what the message said then, until the report is resolved. */
export const Report = z.object({
  id: z.string(),
  reporterId: UserId.nullable(),
  /** Who is reported: the person, or the message's sender. */
  userId: UserId.nullable(),
  roomId: RoomId.nullable(),
  seq: Seq.nullable(),
  text: z.string().nullable(),
  reason: z.string(),
  note: z.string().nullable(),
  createdAt: IsoTime,
  resolvedAt: IsoTime.nullable(),
})
export type Report = z.infer<typeof Report>
