import { RequestError, type RoomId, type UserId } from '@tally/protocol'
import type { Frame } from '../bus/frames.ts'
import type { MemberState, RoomHead, StoredMessage } from '../core/committed.ts'
import { feedOwner, isFeed } from '../core/feed.ts'
import type { LedgerStep } from '../core/ledger-step.ts'
import { type OutboxRow, readPresentState } from '../store/read-present-state.ts'
import { applySteps } from './announce.ts'
import type { ActionContext } from './context.ts'
import { messageFrames, tryToDeliver } from './deliver.ts'
import {
  membershipsEnded,
  membersLeft,
  messageNow,
  notificationAdded,
  roomsChanged,
} from './message-events.ts'

/**
 * Tells what rows of the outbox are about, as it is now. Whoever heard of it already merges it to what they have. A row
 * that cannot be told does not keep the others from it.
 *
 * @returns the rows that were told.
 * @throws RequestError `storage_unavailable`: nobody can be told anything while the database is away.
 */
export async function tellRows(ctx: ActionContext, rows: readonly OutboxRow[]): Promise<OutboxRow[]> {
  try {
    await tellTogether(ctx, rows)
    return [...rows]
  } catch (error) {
    if (error instanceof RequestError) throw error
    const [row] = rows
    if (row === undefined || rows.length > 1) return tellEach(ctx, rows)
    ctx.log.error({ err: error, outboxId: row.id }, 'a committed change could not be told')
    return []
  }
}

async function tellEach(ctx: ActionContext, rows: readonly OutboxRow[]): Promise<OutboxRow[]> {
  const told: OutboxRow[] = []
  for (const row of rows) told.push(...(await tellRows(ctx, [row])))
  return told
}

async function tellTogether(ctx: ActionContext, rows: readonly OutboxRow[]): Promise<void> {
  const { rooms, members, messages, changed } = await readPresentState(ctx.db, rows)
  const newest = messages.filter((message) => isNewest(message, rooms))
  const rest = messages.filter((message) => !newest.includes(message))
  const unread = madeUnread(rows, members)
  const gone = members.filter(({ left }) => left)
  const known = new Set(newest.map(({ roomId }) => roomId))
  await tryToDeliver(ctx, {
    committed: { rooms, members, outboxId: null },
    messages: newest,
    frames: [
      ...messageFrames({ rooms, messages: rest.filter(({ roomId }) => !isFeed(roomId)) }),
      ...rest.flatMap(newEntry),
      ...changed.filter(({ roomId }) => !isFeed(roomId)).map(messageNow),
      ...membershipsEnded(gone),
      ...membersLeft(gone),
      ...roomsChanged(factChanges(rows, changed)),
      ...unread.map((opens): Frame => ({ kind: 'open-ended', ...opens })),
    ],
    staleRooms: rooms.map(({ roomId }) => roomId).filter((roomId) => !known.has(roomId)),
  })
  // Where the room was open, this is the step in which the right number appears, and the only one.
  const steps = unread.map(({ userId, roomId, beforeEpoch }): LedgerStep => {
    return { userId, leases: [{ kind: 'close-older', roomId, beforeEpoch }] }
  })
  if (steps.length > 0) await applySteps(ctx, steps, { readers: new Set(unread.map(({ userId }) => userId)) })
}

/** Changes of rooms that no message stands for: of their title, their members, or of a message that changed again since. */
function factChanges(
  rows: readonly OutboxRow[],
  changed: readonly StoredMessage[],
): { roomId: RoomId; change: number }[] {
  const isOfMessage = (roomId: RoomId, change: number): boolean =>
    changed.some((message) => message.roomId === roomId && message.change === change)
  return rows
    .flatMap(({ payload }) => payload.rooms)
    .flatMap(({ roomId, change }) =>
      change === undefined || isFeed(roomId) || isOfMessage(roomId, change) ? [] : [{ roomId, change }],
    )
}

/**
 * Those of these members who made their room unread: no device of theirs may go on hiding it. What was opened since, at a
 * later epoch, stays open.
 */
function madeUnread(rows: readonly OutboxRow[], members: readonly MemberState[]): Ended[] {
  const marks = rows.flatMap(({ payload }) =>
    payload.members.filter(({ unreadAfter }) => unreadAfter !== undefined),
  )
  if (marks.length === 0) return []
  return members
    .filter(({ roomId, userId, left }) =>
      marks.some((mark) => mark.roomId === roomId && mark.userId === userId && !left),
    )
    .map(({ roomId, userId, readEpoch }) => ({ userId, roomId, beforeEpoch: readEpoch }))
}

/** Whose open leases end, if of an older epoch. */
type Ended = { userId: UserId; roomId: RoomId; beforeEpoch: number }

/** The one that the room's row in a list shows. */
function isNewest({ roomId, seq, deletedAt }: StoredMessage, rooms: readonly RoomHead[]): boolean {
  if (deletedAt !== undefined || isFeed(roomId)) return false
  return rooms.some((head) => head.roomId === roomId && head.seq === seq)
}

function newEntry(message: StoredMessage): Frame[] {
  const { roomId } = message
  return isFeed(roomId) ? [notificationAdded(feedOwner(roomId), message)] : []
}
