import type { RoomId, UserId } from '@tally/protocol'
import type { Frame, MessageTiming, RoomRow } from '../bus/frames.ts'
import type { Committed, StoredMessage } from '../core/committed.ts'
import { feedOwner, isFeed } from '../core/feed.ts'
import type { LedgerOutcome, LedgerStep, ReadyOutcome, RoomUpdate } from '../core/ledger-step.ts'
import type { ActionContext } from './context.ts'
import { previewOf, type RoomPreview } from './room-previews.ts'

/** What a commit means for the world outside the database. */
export type Delivery = {
  committed: Committed
  /** New messages, in order of their room's seq. */
  messages?: readonly StoredMessage[]
  /** What else the people in the rooms should see at once. */
  frames?: readonly Frame[]
  /** People whose own reading this is: their badge is never delayed. */
  readers?: ReadonlySet<UserId>
  /** Rooms whose last message may have changed otherwise than by a new one. */
  staleRooms?: readonly RoomId[]
  /** When the commit was back, on the clock of `performance.now()`, and how long the parts before it took. */
  timings?: { committedAtMs: number; of: (message: StoredMessage) => Omit<MessageTiming, 'ledgerMs'> }
}

/**
 * Tells everyone what was committed: the room, the members' lists and the badges, each on its own, so that none waits
 * for another and none can fail another. Never throws: what was committed stays committed, and what could not be told
 * is healed by the touch or by warming.
 *
 * @returns when the ledger has merged it: a badge asked for afterwards counts it.
 */
export function deliver(ctx: ActionContext, delivery: Delivery): Promise<void> {
  sendToRooms(ctx, delivery)
  return spread(ctx, delivery).catch((error: unknown) => {
    ctx.log.error({ err: error }, 'a committed change could not be merged into the ledger')
  })
}

function sendToRooms(ctx: ActionContext, { messages = [], frames = [] }: Delivery): void {
  const roomFrames: Frame[] = messages.map((message) => ({
    kind: 'message',
    roomId: message.roomId,
    message,
  }))
  ctx.bus.send('all', roomFrames.concat(frames))
}

async function spread(ctx: ActionContext, delivery: Delivery): Promise<void> {
  const { committed, messages = [], staleRooms = [] } = delivery
  if (committed.rooms.length === 0 && committed.members.length === 0) return
  for (const roomId of staleRooms) ctx.previews.forget(roomId)
  for (const message of messages) ctx.previews.put(message.roomId, previewOf(message))

  const outcomes = await ctx.ledger.apply(await stepsOf(ctx, committed))
  if (committed.outboxId !== null) ctx.outbox.done(committed.outboxId)
  void announce(ctx, outcomes, delivery).catch((error: unknown) => {
    ctx.log.error({ err: error }, 'badges could not be announced')
  })
}

/** One step per person: the rooms' new heads for every member, and the rows that were touched. */
async function stepsOf(ctx: ActionContext, committed: Committed): Promise<LedgerStep[]> {
  const updates = new Map<UserId, RoomUpdate[]>()
  const updatesOf = (userId: UserId): RoomUpdate[] => {
    const known = updates.get(userId)
    if (known !== undefined) return known
    const fresh: RoomUpdate[] = []
    updates.set(userId, fresh)
    return fresh
  }
  for (const head of committed.rooms) {
    const { roomId, tally, change } = head
    const known =
      head.kind === 'feed' ? [feedOwner(roomId)] : ctx.membersCache.recipients(roomId, head.membership)
    // Awaited only when it has to be: a group of cached rooms reaches the ledger in the tick of its commit.
    const recipients = known instanceof Promise ? await known : known
    for (const userId of recipients) updatesOf(userId).push({ roomId, tally, change })
  }
  for (const member of committed.members) {
    const { roomId, settled, version, left, muted, archivedAtTally } = member
    const kind = isFeed(roomId) ? 'feed' : 'room'
    const row = { kind, settled, version, flags: { left, muted, archivedAtTally } } as const
    const own = updatesOf(member.userId)
    const index = own.findIndex((update) => update.roomId === roomId)
    const update = own[index]
    if (update !== undefined) own[index] = { ...update, member: row }
    else own.push({ roomId, ...headOf(committed, roomId), member: row })
  }
  return Array.from(updates, ([userId, rooms]) => ({ userId, rooms }))
}

/** People who are no longer members get the head with their row: without it their last count would be short. */
function headOf(committed: Committed, roomId: RoomId): { tally: number; change: number } | undefined {
  const head = committed.rooms.find((room) => room.roomId === roomId)
  return head === undefined ? undefined : { tally: head.tally, change: head.change }
}

/** Frames for everyone whose badge or rooms visibly changed and who is connected somewhere. */
export async function announce(
  ctx: ActionContext,
  outcomes: readonly LedgerOutcome[],
  delivery: Pick<Delivery, 'messages' | 'readers' | 'timings'> = {},
): Promise<void> {
  const timings = timingsOf(delivery)
  const waiting: ReadyOutcome[] = []
  const doubtful: UserId[] = []
  for (const outcome of outcomes) {
    if (outcome.state === 'cold' && ctx.devices.has(outcome.userId)) doubtful.push(outcome.userId)
    if (outcome.state !== 'ready') continue
    if (outcome.missing.length > 0) doubtful.push(outcome.userId)
    if (outcome.nodes.length === 0 || (outcome.rooms.length === 0 && !outcome.badgeChanged)) continue
    const rows = rowsOf(outcome, (roomId, change) => ctx.previews.peek(roomId, change), timings)
    if (rows.length < outcome.rooms.length) waiting.push(outcome)
    else send(ctx, outcome, rows, delivery.readers)
  }
  if (doubtful.length > 0) ctx.warmer.again(doubtful)
  if (waiting.length > 0) await announceLoaded(ctx, waiting, delivery.readers)
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

function timingsOf({
  messages = [],
  timings,
}: Pick<Delivery, 'messages' | 'timings'>): Map<RoomId, MessageTiming> {
  const byRoom = new Map<RoomId, MessageTiming>()
  if (timings === undefined) return byRoom
  const ledgerMs = performance.now() - timings.committedAtMs
  for (const message of messages) byRoom.set(message.roomId, { ...timings.of(message), ledgerMs })
  return byRoom
}
