import { type Preferences, type PreferencesBody, RequestError } from '@tally/protocol'
import { DEFAULT_PREFERENCES } from '../core/preferences.ts'
import { readPreferences as read, writePreferences } from '../store/preferences.ts'
import type { ActionContext, Caller } from './context.ts'
import { feedStateFrame } from './feed-state.ts'

/**
 * What may reach the caller, and when.
 * @throws RequestError `storage_unavailable`.
 */
export async function readPreferences(ctx: ActionContext, { userId }: Caller): Promise<Preferences> {
  const { chosen, rev, latestTypes } = await read(ctx.db, userId)
  const preferences = chosen ?? DEFAULT_PREFERENCES
  const types = new Set([...latestTypes, ...Object.keys(preferences.types)])
  return { ...preferences, rev, knownTypes: [...types].sort() }
}

/**
 * Puts all choices of the caller in the place of those of `rev`; the caller's other devices are told that there are new
 * ones. What is in the feed already stays there.
 *
 * @throws RequestError `preferences_conflict` when another device has changed them since, with the present `details.rev`;
 * `storage_unavailable`.
 */
export async function putPreferences(
  ctx: ActionContext,
  caller: Caller,
  { rev, ...chosen }: PreferencesBody,
): Promise<Preferences> {
  const { userId } = caller
  const preferencesRev = await writePreferences(ctx.db, { userId, rev, chosen })
  if (preferencesRev !== undefined) ctx.bus.send('all', [feedStateFrame(userId, { preferencesRev })])
  const preferences = await readPreferences(ctx, caller)
  if (preferencesRev === undefined) {
    throw new RequestError('preferences_conflict', { details: { rev: preferences.rev } })
  }
  return preferences
}
