import type { RoomId, UserId } from '@tally/protocol'
import type { Frame } from '../bus/frames.ts'
import type { Committed, MemberState, RoomHead, StoredMessage } from '../core/committed.ts'
import { feedOwner, isFeed } from '../core/feed.ts'
import type { LedgerStep, RoomUpdate } from '../core/ledger-step.ts'
import { applySteps, type Cause } from './announce.ts'
import type { ActionContext } from './context.ts'
import { previewOf } from './room-previews.ts'

/** What a commit means for the world outside the database. */
export type Delivery = Cause & {
  committed: Committed
  /** What else the people in the rooms should see at once. */
  frames?: readonly Frame[]
  /**
   * Whose open leases on which room, if of an older epoch, end together with the rows, so that no device sees one without
   * the other.
   */
  endsOpen?: { userId: UserId; roomId: RoomId; beforeEpoch: number }
  /** Rooms whose last message may have changed otherwise than by a new one. */
  staleRooms?: readonly RoomId[]
}

/**
 * Tells everyone what was committed: the room, the members' lists and the badges, each on its own, so that none waits
 * for another and none can fail another. Never throws: what was committed stays committed, and what could not be told
 * is told again by `redeliverUndone`.
 *
 * @returns when the ledger has merged it: a badge asked for afterwards counts it.
 */
export function deliver(ctx: ActionContext, delivery: Delivery): Promise<void> {
  return tryToDeliver(ctx, delivery).catch((error: unknown) => {
    ctx.log.error({ err: error }, 'a committed change could not be merged into the ledger yet')
  })
}

/** The same for whoever tries again: fails when the ledger could not be told everything. */
export async function tryToDeliver(ctx: ActionContext, delivery: Delivery): Promise<void> {
  const { committed, messages = [], staleRooms = [] } = delivery
  const newMessages = messageFrames({ rooms: committed.rooms, messages })
  try {
    ctx.bus.send('all', [...newMessages, ...(delivery.frames ?? [])])
  } catch (error) {
    ctx.log.error({ err: error }, 'a room could not be told of a committed change')
  }
  for (const roomId of staleRooms) ctx.previews.forget(roomId)
  for (const { roomId, message, membership } of newMessages)
    ctx.previews.put(roomId, previewOf(message, membership))
  await merge(ctx, delivery)
  if (committed.outboxId !== null) ctx.outbox.done(committed.outboxId)
}

/** The new messages, with their rooms as the commit left them. */
export function messageFrames({ rooms, messages }: NewMessages): MessageFrame[] {
  const memberships = new Map(rooms.map(({ roomId, membership }) => [roomId, membership]))
  return messages.map((message) => {
    const { roomId } = message
    return { kind: 'message', roomId, message, membership: memberships.get(roomId) ?? 0 }
  })
}

type NewMessages = { rooms: readonly RoomHead[]; messages: readonly StoredMessage[] }
type MessageFrame = Extract<Frame, { kind: 'message' }>

/** Rooms whose members are remembered reach the ledger in the tick of their commit, whatever the others have to look up. */
async function merge(ctx: ActionContext, delivery: Delivery): Promise<void> {
  const { committed, endsOpen } = delivery
  const { rooms, members } = committed
  const known: Reach[] = []
  const lookUps: Promise<Reach>[] = []
  const late = new Set<RoomId>()
  for (const head of rooms) {
    const recipients = recipientsOf(ctx, head)
    if (!(recipients instanceof Promise)) {
      known.push({ head, recipients })
      continue
    }
    late.add(head.roomId)
    lookUps.push(recipients.then((found) => ({ head, recipients: found })))
  }
  if (lookUps.length === 0) return apply(ctx, delivery, stepsOf({ reached: known, members, endsOpen }))
  const isLate = ({ roomId }: MemberState): boolean => late.has(roomId)
  const now = stepsOf({ reached: known, members: members.filter((member) => !isLate(member)) })
  await Promise.all([
    apply(ctx, delivery, now),
    Promise.all(lookUps).then((found) =>
      // The leases with the last rows: whose room ends is not to see it open up before it goes.
      apply(ctx, delivery, stepsOf({ reached: found, members: members.filter(isLate), endsOpen })),
    ),
  ])
}

/** Whom the rise of a room is for. */
type Reach = { head: RoomHead; recipients: readonly UserId[] }

type Change = {
  reached: readonly Reach[]
  members: readonly MemberState[]
  endsOpen?: Delivery['endsOpen'] | undefined
}

function recipientsOf(ctx: ActionContext, { roomId, kind, membership }: RoomHead) {
  return kind === 'feed' ? [feedOwner(roomId)] : ctx.membersCache.recipients(roomId, membership)
}

async function apply(ctx: ActionContext, cause: Cause, steps: readonly LedgerStep[]): Promise<void> {
  if (steps.length > 0) await applySteps(ctx, steps, cause)
}

/** One step per person: the rooms' new heads for every member, and the rows that were touched. */
function stepsOf({ reached, members, endsOpen }: Change): LedgerStep[] {
  const updates = new Map<UserId, RoomUpdate[]>()
  const updatesOf = (userId: UserId): RoomUpdate[] => {
    const known = updates.get(userId)
    if (known !== undefined) return known
    const fresh: RoomUpdate[] = []
    updates.set(userId, fresh)
    return fresh
  }
  for (const { head, recipients } of reached) {
    const { roomId, tally, change } = head
    for (const userId of recipients) updatesOf(userId).push({ roomId, tally, change })
  }
  for (const member of members) {
    const { roomId, settled, version, left, muted, archivedAtTally } = member
    const kind = isFeed(roomId) ? 'feed' : 'room'
    const row = { kind, settled, version, flags: { left, muted, archivedAtTally } } as const
    const own = updatesOf(member.userId)
    const index = own.findIndex((update) => update.roomId === roomId)
    const update = own[index]
    if (update !== undefined) own[index] = { ...update, member: row }
    else own.push({ roomId, ...headOf(reached, roomId), member: row })
  }
  if (endsOpen !== undefined) updatesOf(endsOpen.userId)
  return Array.from(updates, ([userId, rooms]) => {
    if (endsOpen?.userId !== userId) return { userId, rooms }
    const { roomId, beforeEpoch } = endsOpen
    return { userId, rooms, leases: [{ kind: 'close-older', roomId, beforeEpoch }] }
  })
}

/** People who are no longer members get the head with their row: without it their last count would be short. */
function headOf(reached: readonly Reach[], roomId: RoomId): { tally: number; change: number } | undefined {
  const head = reached.find((room) => room.head.roomId === roomId)?.head
  return head === undefined ? undefined : { tally: head.tally, change: head.change }
}
