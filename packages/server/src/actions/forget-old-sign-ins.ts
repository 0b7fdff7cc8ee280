import { forgetEndedSignIns } from '../store/devices.ts'
import type { ActionContext } from './context.ts'

/** Longer than hosts keep anybody signed in without asking again. */
const FORGET_AFTER_DAYS = 400

/**
 * Forgets which sign-ins were ended, once nobody can come with one of them any more.
 * @throws RequestError `storage_unavailable`; the next time is soon enough.
 */
export async function forgetOldSignIns(ctx: ActionContext): Promise<void> {
  await forgetEndedSignIns(ctx.db, { afterDays: FORGET_AFTER_DAYS })
}
