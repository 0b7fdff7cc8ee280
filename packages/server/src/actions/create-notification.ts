import { type ClientId, channelsOf, type MessageId, RequestError, type UserId } from '@tally/protocol'
import { feedOf } from '../core/feed.ts'
import { ensureFeeds } from '../store/ensure-feeds.ts'
import { fingerprintOf } from '../store/fingerprint.ts'
import { readChosen } from '../store/preferences.ts'
import type { ActionContext } from './context.ts'
import { deliver } from './deliver.ts'
import { notificationAdded } from './message-events.ts'

export type CreateNotification = {
  userIds: readonly UserId[]
  type: string
  title: string
  content: string
  link?: string | null | undefined
  /** The host's own name for it: repeated with the same content, whoever has the entry already gets no second one. */
  clientId?: ClientId | undefined
}

/**
 * Puts the same entry into the feeds of these people, by the host's backend: it counts for each until it is read. Those who
 * do not want entries of this type in the app get none, nor does anybody whose account goes meanwhile. Where it fails half
 * way, who repeats it with the same `clientId` makes what is missing.
 *
 * @returns how many entries there are of it, made now or by an earlier attempt.
 * @throws RequestError `user_not_found` when one of them is not known, before any entry is made; `client_id_conflict`,
 * `overloaded`, `storage_unavailable`.
 */
export async function createNotification(
  ctx: ActionContext,
  input: CreateNotification,
): Promise<{ created: number }> {
  const userIds = [...new Set(input.userIds)]
  await deliver(ctx, { committed: await ensureFeeds(ctx.db, { userIds }) })
  const chosen = await readChosen(ctx.db, userIds)
  const unwilling = new Set(
    chosen.filter((one) => !channelsOf(one.chosen, input.type).inApp).map(({ userId }) => userId),
  )
  const willing = userIds.filter((userId) => !unwilling.has(userId))
  const made = await Promise.all(willing.map((userId) => notify(ctx, userId, input)))
  return { created: made.filter((isMade) => isMade).length }
}

/** @returns whether there is an entry: not where the account, and its feed with it, went after it was looked for. */
async function notify(ctx: ActionContext, userId: UserId, input: CreateNotification): Promise<boolean> {
  const { type, title, content, link = null, clientId } = input
  const entry = {
    kind: 'system',
    id: ctx.newId() as MessageId,
    roomId: feedOf(userId),
    senderId: null,
    text: content,
    type,
    data: { title, link },
    fingerprint: fingerprintOf({ text: JSON.stringify([title, content, link]), type, replyTo: undefined }),
    counted: true,
    receivedAtMs: performance.now(),
    ...(clientId === undefined ? {} : { clientId }),
  } as const
  const sent = await ctx.groups.send(entry).catch(unlessGone)
  if (sent === undefined) return false
  if (!sent.duplicate) ctx.bus.send('all', [notificationAdded(userId, sent.message)])
  return true
}

function unlessGone(error: unknown): undefined {
  if (!(error instanceof RequestError && error.code === 'room_not_found')) throw error
}
