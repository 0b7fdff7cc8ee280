import type { RoomId, UserId } from '@tally/protocol'
import type { MessageTiming, RoomRow } from '../bus/frames.ts'
import type { StoredMessage } from '../core/committed.ts'
import { isFeed } from '../core/feed.ts'
import type { LedgerOutcome, LedgerStep, ReadyOutcome } from '../core/ledger-step.ts'
import type { ActionContext } from './context.ts'
import type { RoomPreview } from './room-previews.ts'

/** Why badges move: what the frames say beside the numbers. */
export type Cause = {
  /** New messages, in order of their room's seq. */
  messages?: readonly StoredMessage[]
  /** People whose own reading this is: their badge is never delayed. */
  readers?: ReadonlySet<UserId>
  /** When the commit was back, on the clock of `performance.now()`, and how long the parts before it took. */
  timings?: { committedAtMs: number; of: (message: StoredMessage) => Omit<MessageTiming, 'ledgerMs'> }
}

/**
 * One ledger call for all of these steps, and frames for everything they changed. Every step goes through here, because
 * an outcome tells what changed since the last one: one that is not announced is a number that nobody gets.
 *
 * @returns the outcomes, when the ledger has merged them; the frames that need no look-up have left by then.
 */
export async function applySteps(
  ctx: ActionContext,
  steps: readonly LedgerStep[],
  cause: Cause = {},
): Promise<LedgerOutcome[]> {
  const outcomes = await ctx.ledger.apply(steps)
  const doubtful = steps.filter((_, index) => isDoubtful(ctx, outcomes[index]))
  if (doubtful.length > 0) ctx.warmer.again(doubtful)
  announce(ctx, outcomes, cause)
  return outcomes
}

/** The key is gone though the person is here, or it does not hold a room that others see the person in. */
function isDoubtful(ctx: ActionContext, outcome: LedgerOutcome | undefined): boolean {
  if (outcome?.state === 'cold') return ctx.devices.has(outcome.userId)
  return outcome?.state === 'ready' && outcome.missing.length > 0
}

/** Frames for everyone whose badge or rooms visibly changed and who is connected somewhere. */
export function announce(ctx: ActionContext, outcomes: readonly LedgerOutcome[], cause: Cause = {}): void {
  const timings = timingsOf(cause)
  const waiting: ReadyOutcome[] = []
  for (const outcome of outcomes) {
    if (outcome.state !== 'ready' || outcome.nodes.length === 0) continue
    const changed = outcome.rooms.filter(({ roomId }) => !isFeed(roomId))
    if (changed.length === 0 && !outcome.badgeChanged) continue
    const rows = rowsOf(outcome, (roomId, change) => ctx.previews.peek(roomId, change), timings)
    if (rows.length < changed.length) waiting.push(outcome)
    else send(ctx, outcome, rows, cause.readers)
  }
  if (waiting.length === 0) return
  announceLoaded(ctx, waiting, cause.readers).catch((error: unknown) => {
    ctx.log.warn({ err: error }, 'badges went out without the rows of their rooms')
  })
}

/** The same for rooms whose last message has to be looked up first. Without a database the badge still goes out. */
async function announceLoaded(
  ctx: ActionContext,
  outcomes: readonly ReadyOutcome[],
  readers: ReadonlySet<UserId> | undefined,
): Promise<void> {
  const roomIds = new Set(outcomes.flatMap(({ rooms }) => rooms.map(({ roomId }) => roomId)))
  let previews: ReadonlyMap<RoomId, RoomPreview> = new Map()
  try {
    previews = await ctx.previews.load([...roomIds])
  } finally {
    for (const outcome of outcomes) {
      const rows = rowsOf(outcome, (roomId) => previews.get(roomId) ?? ctx.previews.peek(roomId))
      send(ctx, outcome, rows, readers)
    }
  }
}

function send(
  ctx: ActionContext,
  { userId, badge, badgeChanged, nodes }: ReadyOutcome,
  rooms: RoomRow[],
  readers: ReadonlySet<UserId> | undefined,
): void {
  const urgent = readers?.has(userId) ?? false
  ctx.bus.send(nodes, [{ kind: 'user', userId, badge, badgeChanged, rooms, urgent }])
}

function rowsOf(
  { rooms, badge }: ReadyOutcome,
  preview: (roomId: RoomId, change: number) => RoomPreview | undefined,
  timings?: ReadonlyMap<RoomId, MessageTiming>,
): RoomRow[] {
  const rows: RoomRow[] = []
  for (const { roomId, shown, change, muted, archived, left } of rooms) {
    if (isFeed(roomId)) continue
    const last = preview(roomId, change)
    if (last === undefined) continue
    const { lastMessage, lastMessageAt, lastSeq, lastSenderId } = last
    const timing = timings?.get(roomId)
    rows.push({
      roomId,
      lastMessage,
      lastMessageAt,
      lastSeq,
      lastSenderId,
      unreadCount: shown,
      rev: badge.rev,
      change,
      muted,
      archived,
      left,
      ...(timing === undefined ? {} : { timing }),
    })
  }
  return rows
}

function timingsOf({ messages = [], timings }: Cause): Map<RoomId, MessageTiming> {
  const byRoom = new Map<RoomId, MessageTiming>()
  if (timings === undefined) return byRoom
  const ledgerMs = performance.now() - timings.committedAtMs
  for (const message of messages) byRoom.set(message.roomId, { ...timings.of(message), ledgerMs })
  return byRoom
}
