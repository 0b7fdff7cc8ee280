import type { RoomId, SyncAnswer, UserId } from '@tally/protocol'
import { pollingIntervalMs } from '../core/polling-interval.ts'
import type { ActionContext, Caller } from './context.ts'

/** When to ask again, and how many people have one of the rooms open, the asker included. */
export type PollHint = Pick<SyncAnswer, 'nextPollMs' | 'activeUsers'>

/**
 * What a polling client should know before its next poll. Made of what this node remembers and one read of the ledger,
 * so that it costs no query: people in a room of which the node has heard nothing yet are not counted.
 */
export async function pollHint(
  ctx: ActionContext,
  { userId }: Caller,
  roomIds: readonly RoomId[],
): Promise<PollHint> {
  const activeUsers = roomIds.length === 0 ? 0 : (await othersIn(ctx, userId, roomIds)) + 1
  const nextPollMs = pollingIntervalMs({
    lastChangeAgeMs: Math.min(...roomIds.map((roomId) => quietForMs(ctx, roomId))),
    activeUsers,
    loadFactor: ctx.loadFactor(),
  })
  return { nextPollMs, activeUsers }
}

async function othersIn(ctx: ActionContext, userId: UserId, roomIds: readonly RoomId[]): Promise<number> {
  const others = new Set<UserId>()
  for (const roomId of roomIds) {
    for (const member of ctx.membersCache.known(roomId) ?? []) {
      if (member !== userId && others.size < MOST_COUNTED) others.add(member)
    }
  }
  if (others.size === 0) return 0
  const views = await ctx.ledger.read(Array.from(others, (other) => ({ userId: other })))
  return views.filter((view) => view.state === 'ready' && view.opens.some((open) => roomIds.includes(open)))
    .length
}

/** Infinite for a room without a message, and for one of which nothing is remembered: it is quiet on this node. */
function quietForMs(ctx: ActionContext, roomId: RoomId): number {
  const lastMessageAt = ctx.previews.peek(roomId)?.lastMessageAt
  if (lastMessageAt == null) return Number.POSITIVE_INFINITY
  // The times are the database's clock: one that runs ahead of ours says "just now".
  return Math.max(0, ctx.now() - Date.parse(lastMessageAt))
}

/** Beyond this many the hint is the same. */
const MOST_COUNTED = 100
