import type { Frame } from '../bus/frames.ts'
import type { RoomHead } from '../core/committed.ts'
import { readChangedMessages } from '../store/read-changed-messages.ts'
import { readUndoneChanges } from '../store/read-undone-changes.ts'
import type { ActionContext } from './context.ts'
import { tryToDeliver } from './deliver.ts'
import { membershipsEnded, messageNow } from './message-events.ts'

/** A commit is told within milliseconds. What nobody said to be done for so long was lost on the way. */
const UNDONE_FOR_MS = 4_000
const ROWS_PER_RUN = 50
/** Changes of a room within which one is found that nobody heard of for `UNDONE_FOR_MS` and a run or two. */
const LATE_CHANGES = 50

/**
 * Tells again what was committed and did not reach everybody: a connection to the database broke before its answer
 * came, or whom a change was for could not be looked up. Whoever heard of it already merges it to what they have.
 *
 * @throws RequestError `storage_unavailable`; the rows stay undone and come with a later run.
 */
export async function redeliverUndone(
  ctx: ActionContext,
  { undoneForMs = UNDONE_FOR_MS }: { undoneForMs?: number } = {},
): Promise<void> {
  const undone = await readUndoneChanges(ctx.db, { undoneForMs, limit: ROWS_PER_RUN })
  if (undone === undefined) return
  const { outboxIds, rooms, members, messages } = undone
  const frames = messages.map((message): Frame => ({ kind: 'message', roomId: message.roomId, message }))
  const changes = await changedLately(ctx, rooms)
  await tryToDeliver(ctx, {
    committed: { rooms, members, outboxId: null },
    frames: [...frames, ...changes, ...membershipsEnded(members.filter(({ left }) => left))],
    staleRooms: rooms.map(({ roomId }) => roomId),
  })
  for (const outboxId of outboxIds) ctx.outbox.done(outboxId)
}

/** No row names the message that was edited, deleted or reacted to: those that changed last are told as they are now. */
async function changedLately(ctx: ActionContext, rooms: readonly RoomHead[]): Promise<Frame[]> {
  const frames: Frame[] = []
  for (const { roomId, kind, change, membership } of rooms) {
    if (kind === 'feed') continue
    const [reader] = await ctx.membersCache.recipients(roomId, membership)
    if (reader === undefined) continue
    const since = { roomId, change: Math.max(0, change - LATE_CHANGES) }
    const read = await readChangedMessages(ctx.db, { userId: reader, rooms: [since], limit: LATE_CHANGES })
    for (const message of read.get(roomId)?.messages ?? []) frames.push(...messageNow(message))
  }
  return frames
}
