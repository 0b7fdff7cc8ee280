import { forgetAttachments, readDoomedAttachments, settleAttachments } from '../store/attachments.ts'
import type { ActionContext } from './context.ts'

/** Time to finish a message whose files are uploaded. */
const UNSENT_FOR_HOURS = 24
const FILES_PER_STEP = 50

/**
 * Deletes the bytes of files that nobody may have any more: of messages that were deleted or purged, and what was
 * uploaded and never sent.
 *
 * @throws RequestError `storage_unavailable`; the next run does it.
 */
export async function tidyAttachments(ctx: ActionContext): Promise<void> {
  await settleAttachments(ctx.db, { unsentForHours: UNSENT_FOR_HOURS, limit: FILES_PER_STEP * 10 })
  let count: number
  do {
    const doomed = await readDoomedAttachments(ctx.db, { limit: FILES_PER_STEP })
    for (const { id, parts } of doomed) {
      await ctx.files.delete(parts)
      await forgetAttachments(ctx.db, [id])
    }
    count = doomed.length
  } while (count === FILES_PER_STEP)
}
