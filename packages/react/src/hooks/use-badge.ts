import type { Badge } from '@tally/client'
import { useTally } from '../tally-context.ts'
import { useReadable } from './use-readable.ts'

const BEFORE = { value: null }

/**
 * The person's badge, the same on all devices: `total` unread messages (`null`: the server does not know it now),
 * `unreadRooms`, unread `notifications`. `null` until the server told it. Never computed here.
 */
export function useBadge(): Badge | null {
  return useReadable(useTally().badge, BEFORE)
}
