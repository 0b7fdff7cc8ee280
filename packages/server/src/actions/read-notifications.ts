import type { NotificationId } from '@tally/protocol'
import { readNotifications as writeRead } from '../store/read-notifications.ts'
import type { ActionContext, Caller } from './context.ts'
import { deliver } from './deliver.ts'

/** These entries, or all there are at this moment. */
export type ReadNotifications = { ids: readonly NotificationId[] } | { all: true }

/**
 * Marks entries of the caller's feed as read; unknown ids and those already read change nothing. The badge and the
 * caller's other devices follow.
 *
 * @returns how many of them were unread.
 * @throws RequestError `storage_unavailable`.
 */
export async function readNotifications(
  ctx: ActionContext,
  caller: Caller,
  input: ReadNotifications,
): Promise<{ read: number }> {
  const { userId } = caller
  const ids = 'all' in input ? 'all' : [...new Set(input.ids)]
  const { count, ...committed } = await writeRead(ctx.db, { userId, ids })
  await deliver(ctx, { committed, readers: new Set([userId]) })
  return { read: count }
}
