import type { FeedState, Seq } from '@tally/protocol'
import { seeFeed } from '../store/see-feed.ts'
import type { ActionContext, Caller } from './context.ts'
import { feedStateFrame } from './feed-state.ts'

/**
 * The caller has seen the feed up to a place, or all there is. It reads nothing, so no badge moves; the caller's other
 * devices are told.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function seeNotifications(
  ctx: ActionContext,
  { userId }: Caller,
  { upToSeq }: { upToSeq?: Seq | undefined },
): Promise<FeedState> {
  const { rose, ...state } = await seeFeed(ctx.db, { userId, upToSeq })
  if (rose) ctx.bus.send('all', [feedStateFrame(userId, state)])
  return state
}
