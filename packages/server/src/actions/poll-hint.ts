import type { RoomId, SyncAnswer, UserId } from '@tally/protocol'
import { pollingIntervalMs } from '../core/polling-interval.ts'
import type { ActionContext, Caller } from './context.ts'

/** When to ask again, and how many people have one of the rooms open, the asker included. */
export type PollHint = Pick<SyncAnswer, 'nextPollMs' | 'activeUsers'>

/**
 * What a polling client should know before its next poll. Made of what this node remembers, so that it costs no query:
 * people in a room of which the node has heard nothing yet are not counted.
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
  const audiences = await Promise.all(roomIds.map((roomId) => ctx.audience.of(roomId)))
  const others = new Set(audiences.flat())
  others.delete(userId)
  return others.size
}

/** Who of a room has it open: one read of the ledger. `undefined` when this node never heard who is in the room. */
export async function readAudience(
  { ledger, membersCache }: Pick<ActionContext, 'ledger' | 'membersCache'>,
  roomId: RoomId,
): Promise<UserId[] | undefined> {
  const members = membersCache.known(roomId)?.slice(0, MOST_COUNTED)
  if (members === undefined) return undefined
  const views = await ledger.read(members.map((userId) => ({ userId })))
  return views
    .filter((view) => view.state === 'ready' && view.opens.includes(roomId))
    .map(({ userId }) => userId)
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
