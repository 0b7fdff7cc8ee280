import type { UserId } from '@tally/protocol'
import { type NewProfile, readNewProfiles } from '../store/read-new-profiles.ts'
import type { ActionContext } from './context.ts'

/**
 * These people as they are now, each with those who are in a room with them.
 * @throws RequestError `storage_unavailable`.
 */
export function newProfiles(ctx: ActionContext, userIds: readonly UserId[]): Promise<NewProfile[]> {
  return readNewProfiles(ctx.db, userIds)
}
