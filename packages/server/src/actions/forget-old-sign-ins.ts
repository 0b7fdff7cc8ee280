import { forgetEndedSignIns, forgetUnseenDevices } from '../store/devices.ts'
import type { ActionContext } from './context.ts'

/** Longer than hosts keep anybody signed in without asking again. */
const FORGET_AFTER_DAYS = 400

/** When somebody was seen is written a while later, to the hour. */
const UNSEEN_MARGIN_DAYS = 1

/**
 * Forgets devices on which no token can be good any more, and which sign-ins were ended, once nobody can come with one of
 * them any more.
 *
 * @throws RequestError `storage_unavailable`; the next time is soon enough.
 */
export async function forgetOldSignIns(
  ctx: ActionContext,
  { tokenMaxAgeDays }: { tokenMaxAgeDays: number },
): Promise<void> {
  const afterDays = tokenMaxAgeDays + UNSEEN_MARGIN_DAYS
  while ((await forgetUnseenDevices(ctx.db, { afterDays })).more);
  await forgetEndedSignIns(ctx.db, { afterDays: FORGET_AFTER_DAYS })
}
