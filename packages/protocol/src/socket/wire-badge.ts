import { z } from 'zod'
import { Count, Rev } from '../ids.ts'

/** The badge as installed apps know it. An unknown total is never sent: the app keeps what it shows. */
export const WireBadge = z.object({
  totalUnreadCount: Count,
  unreadRooms: Count,
  notifications: Count,
  rev: Rev,
})
export type WireBadge = z.infer<typeof WireBadge>
