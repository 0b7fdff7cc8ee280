import type { ArchiveNotificationsBody, Change } from '@tally/protocol'
import { archiveNotifications as writeArchived } from '../store/archive-notifications.ts'
import type { ActionContext, Caller } from './context.ts'
import { deliver } from './deliver.ts'
import { feedStateFrame } from './feed-state.ts'

/**
 * Puts entries of the caller's feed away, or brings them back. Putting one away reads it: the badge and the caller's other
 * devices follow. Unknown ids, and what is so already, change nothing.
 *
 * @returns how many were moved, and how many of them were unread until then.
 * @throws RequestError `storage_unavailable`.
 */
export async function archiveNotifications(
  ctx: ActionContext,
  { userId }: Caller,
  input: ArchiveNotificationsBody,
): Promise<{ archived: number; read: number }> {
  const which =
    'allRead' in input
      ? { ids: 'read' as const, archived: true }
      : { ids: [...new Set(input.ids)], archived: input.archived }
  const moved = { archived: 0, read: 0 }
  let isDone = false
  while (!isDone) {
    const { archived, read, more, ...committed } = await writeArchived(ctx.db, { userId, ...which })
    moved.archived += archived
    moved.read += read
    isDone = !more
    // After the badge: who asks for the list because of it finds what the badge says.
    await deliver(ctx, { committed, readers: new Set([userId]) })
    const [head] = committed.rooms
    if (head !== undefined) {
      ctx.bus.send('all', [feedStateFrame(userId, { change: head.change as Change })])
    }
  }
  return moved
}
