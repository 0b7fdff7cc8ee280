import { z } from 'zod'
import { IsoTime, NotificationId, Seq } from '../ids.ts'

/** A new entry of the feed. */
export const WireNotification = z.object({
  id: NotificationId,
  seq: Seq,
  type: z.string(),
  title: z.string(),
  content: z.string(),
  link: z.string().nullable(),
  created_at: IsoTime,
})
export type WireNotification = z.infer<typeof WireNotification>
