import type { RoomId, UserId } from '@tally/protocol'
import type { Frame } from '../bus/frames.ts'
import type { Committed } from '../core/committed.ts'
import { feedOwner, isFeed } from '../core/feed.ts'
import type { LeaseChange, LedgerStep, RoomUpdate } from '../core/ledger-step.ts'
import { applySteps, type Cause } from './announce.ts'
import type { ActionContext } from './context.ts'
import { previewOf } from './room-previews.ts'

/** What a commit means for the world outside the database. */
export type Delivery = Cause & {
  committed: Committed
  /** What else the people in the rooms should see at once. */
  frames?: readonly Frame[]
  /** Leases that change together with the rows, so that no device sees one without the other. */
  leases?: { userId: UserId; changes: readonly LeaseChange[] }
  /** Rooms whose last message may have changed otherwise than by a new one. */
  staleRooms?: readonly RoomId[]
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
  for (const roomId of staleRooms) ctx.previews.forget(roomId)
  for (const message of messages) ctx.previews.put(message.roomId, previewOf(message))
  const steps = await stepsOf(ctx, delivery)
  if (steps.length > 0) await applySteps(ctx, steps, delivery)
  if (committed.outboxId !== null) ctx.outbox.done(committed.outboxId)
}

/** One step per person: the rooms' new heads for every member, and the rows that were touched. */
async function stepsOf(ctx: ActionContext, { committed, leases }: Delivery): Promise<LedgerStep[]> {
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
  if (leases !== undefined) updatesOf(leases.userId)
  return Array.from(updates, ([userId, rooms]) =>
    userId === leases?.userId ? { userId, rooms, leases: leases.changes } : { userId, rooms },
  )
}

/** People who are no longer members get the head with their row: without it their last count would be short. */
function headOf(committed: Committed, roomId: RoomId): { tally: number; change: number } | undefined {
  const head = committed.rooms.find((room) => room.roomId === roomId)
  return head === undefined ? undefined : { tally: head.tally, change: head.change }
}
