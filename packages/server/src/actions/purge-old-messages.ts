import type { RoomId } from '@tally/protocol'
import { forgetPurged, purgeMessages } from '../store/purge-messages.ts'
import { readOutdated } from '../store/read-retention.ts'
import type { ActionContext } from './context.ts'
import { deliver } from './deliver.ts'

/** Messages per transaction: a room is locked for no longer than that takes. */
const MESSAGES_PER_STEP = 200
const ROOMS_PER_STEP = 100

/**
 * Retention: takes away what is older than it may be. What was unread of it no longer counts, everywhere at once.
 * @throws RequestError `storage_unavailable`.
 */
export async function purgeOldMessages(
  ctx: ActionContext,
  { retentionDays }: { retentionDays: number | undefined },
): Promise<void> {
  if (retentionDays !== undefined) {
    for (;;) {
      const rooms = await readOutdated(ctx.db, { days: retentionDays, limit: ROOMS_PER_STEP })
      for (const room of rooms) await purgeRoom(ctx, room)
      if (rooms.length < ROOMS_PER_STEP) break
    }
  }
  while ((await forgetPurged(ctx.db, { limit: MESSAGES_PER_STEP })) === MESSAGES_PER_STEP);
}

/** Takes away every message of a room below a place, some at a time. */
export async function purgeRoom(
  ctx: ActionContext,
  { roomId, beforeSeq }: { roomId: RoomId; beforeSeq: number },
): Promise<void> {
  let step = { count: MESSAGES_PER_STEP, lastSeq: 0 }
  while (step.count === MESSAGES_PER_STEP) {
    const from = { roomId, afterSeq: step.lastSeq, beforeSeq, limit: MESSAGES_PER_STEP }
    const purged = await purgeMessages(ctx.db, from)
    await deliver(ctx, { committed: purged, staleRooms: [roomId] })
    step = purged
  }
}
