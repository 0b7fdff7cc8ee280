import { z } from 'zod'
import { Count, Rev } from './ids.ts'

/** The one number, and what it is made of. Absolute and versioned: a client replaces its own, it never adds. */
export const Badge = z.object({
  /** Unread messages in rooms neither muted nor archived; `null`: not known right now, show nothing rather than a guess. */
  total: Count.nullable(),
  /** How many of those rooms have any. */
  unreadRooms: Count,
  /** Unread entries of the notification feed. */
  notifications: Count,
  rev: Rev,
  /** Present when the value could not be checked against the database. */
  stale: z.literal(true).optional(),
})
export type Badge = z.infer<typeof Badge>
