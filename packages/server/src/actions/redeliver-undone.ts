import type { Frame } from '../bus/frames.ts'
import { readUndoneChanges } from '../store/read-undone-changes.ts'
import type { ActionContext } from './context.ts'
import { tryToDeliver } from './deliver.ts'
import { membershipsEnded } from './message-events.ts'

/** A commit is told within milliseconds. What nobody said to be done for so long was lost on the way. */
const UNDONE_FOR_MS = 4_000
const ROWS_PER_RUN = 50

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
  await tryToDeliver(ctx, {
    committed: { rooms, members, outboxId: null },
    frames: [...frames, ...membershipsEnded(members.filter(({ left }) => left))],
    staleRooms: rooms.map(({ roomId }) => roomId),
  })
  for (const outboxId of outboxIds) ctx.outbox.done(outboxId)
}
