import { setTimeout as delay } from 'node:timers/promises'
import {
  type Change,
  type Cursor,
  IsoTime,
  type Message,
  type NamedRoom,
  Rev,
  type Room,
  RoomId,
  type RoomTombstone,
  type SyncAnswer,
  type UserId,
} from '@tally/protocol'
import { z } from 'zod'
import type { LedgerRoom } from '../core/ledger-step.ts'
import { type ChangedMessages, readChangedMessages } from '../store/read-changed-messages.ts'
import { readRoomPage } from '../store/read-rooms.ts'
import type { ActionContext, Caller } from './context.ts'
import { decodeCursor, encodeCursor, pageOf } from './list-cursor.ts'
import { toMessage } from './message-view.ts'
import { pollHint } from './poll-hint.ts'
import { badgeOf, type ReadyView, readyView } from './ready-view.ts'
import { roomViews, shownRooms } from './room-view.ts'

export type Sync = {
  /** The rev of the caller's last sync. Absent, of another warm, or too high: everything is answered. */
  since?: Rev | undefined
  /** Rooms whose messages are wanted, each with the change up to which the caller has them. */
  rooms?: readonly NamedRoom[] | undefined
  /** The `next` of the page before. */
  next?: Cursor | undefined
}

/**
 * What moved since a rev. The ledger is read first, then the database, and the first's rev is answered: a commit in
 * between is in the answer or behind its rev, so it comes with the next sync and nothing is ever missed. Applying an
 * answer twice changes nothing. (docs/PROTOCOL.md, "Sync".)
 *
 * @throws RequestError `invalid_cursor`, `storage_unavailable`.
 */
export async function sync(ctx: ActionContext, caller: Caller, input: Sync): Promise<SyncAnswer> {
  return answerSync(ctx, caller, { input, view: await readyView(ctx, syncQuery(caller, input)) })
}

/** What a sync has to ask the ledger. */
export function syncQuery({ userId }: Caller, { since, rooms = [] }: Sync) {
  const roomIds = rooms.map(({ roomId }) => roomId)
  return { userId, rooms: roomIds, ...(since === undefined ? {} : { since }) }
}

/** The answer to a sync whose ledger view was read already. */
export async function answerSync(
  ctx: ActionContext,
  caller: Caller,
  { input, view }: { input: Sync; view: ReadyView },
): Promise<SyncAnswer> {
  let look = await answerFrom(ctx, caller, { input, view })
  // Ledger and database were of two moments: the one follows a commit as soon as it was delivered, and rooms are left.
  for (let looks = 1; looks < LOOKS && !look.addsUp; looks += 1) {
    await delay(FIRST_PAUSE_MS * 2 ** (looks - 1))
    look = await answerFrom(ctx, caller, { input, view: await readyView(ctx, syncQuery(caller, input)) })
  }
  return look.answer
}

/** Looks before an answer is given whose rooms and badge are of two moments: for a third of a second, in all. */
const LOOKS = 7
const FIRST_PAUSE_MS = 5

async function answerFrom(
  ctx: ActionContext,
  caller: Caller,
  { input, view }: { input: Sync; view: ReadyView },
): Promise<{ answer: SyncAnswer; addsUp: boolean }> {
  const { rooms = [], next } = input
  const changed = next === undefined ? changedRooms(ctx, view) : null
  const roomIds = rooms.map(({ roomId }) => roomId)
  const [{ addsUp, ...list }, named, hint] = await Promise.all([
    changed === null ? allRooms(ctx, caller, { view, next }) : someRooms(ctx, caller, { view, changed }),
    namedMessages(ctx, caller, { view, rooms, all: changed === null }),
    pollHint(ctx, caller, roomIds),
  ])
  return { answer: { ...list, ...named, ...hint }, addsUp }
}

type RoomList = Pick<SyncAnswer, 'rev' | 'badge' | 'rooms' | 'full' | 'next'> & {
  /** Whether the rooms are those of the badge: somebody may join or leave between the looks at the two. */
  addsUp: boolean
}

/** The rooms that moved, or `null` when the caller has to start over, as one does who is too far behind. */
function changedRooms(ctx: ActionContext, { changedSince }: ReadyView): LedgerRoom[] | null {
  if (changedSince === 'unknown') return null
  const rooms = changedSince.filter(({ kind }) => kind === 'room')
  return rooms.length > ctx.limits.pageMax ? null : rooms
}

/** Numbers, flags and badge are one view of the ledger; what is newer in the database comes with its next rev. */
async function someRooms(
  ctx: ActionContext,
  { userId }: Caller,
  { view, changed }: { view: ReadyView; changed: readonly LedgerRoom[] },
): Promise<RoomList> {
  const present = changed.filter(({ left }) => !left).map(({ roomId }) => roomId)
  const found = await Promise.all(present.map((roomId) => ctx.ownRooms.ask({ userId, roomId })))
  const records = found.filter((record) => record !== undefined)
  const views = await roomViews(ctx, {
    viewerId: userId,
    records,
    shown: shownRooms(changed),
    // Everybody in a room asks at the same moment.
    people: (rooms) => ctx.roomPeople.of(rooms),
  })
  const shown = new Set(views.map(({ id }) => id))
  const gone = changed.filter(({ roomId }) => !shown.has(roomId)).map(({ roomId }) => tombstone(roomId))
  return {
    rev: view.badge.rev,
    badge: badgeOf(ctx, view),
    rooms: [...views, ...gone],
    full: false,
    next: null,
    addsUp: views.length === present.length,
  }
}

/**
 * A page of everything. All pages answer the rev that the first one began with, so what changed while they were read
 * comes with the next sync. Numbers and badge are read after the page: together they are of one moment, and a room that
 * was left by then is not told as one that the caller is in.
 */
async function allRooms(
  ctx: ActionContext,
  { userId }: Caller,
  { view, next: cursor }: { view: ReadyView; next: Cursor | undefined },
): Promise<RoomList> {
  const scope = { list: 'sync', owner: userId }
  const place = cursor === undefined ? null : decodeCursor(scope, cursor, Place)
  const rev = place === null ? view.badge.rev : place[0]
  const limit = ctx.limits.pageMax
  const after = place === null ? null : { lastAt: place[1], roomId: place[2] }
  const read = await readRoomPage(ctx.db, { userId, after, limit: limit + 1 })
  const { items, next } = pageOf(read, limit, ({ lastAt, id }) => encodeCursor(scope, [rev, lastAt, id]))
  const { badge, rooms } = await readyView(ctx, { userId, rooms: items.map(({ id }) => id) })
  const shown = shownRooms(rooms)
  const hasLeft = ({ id }: { id: RoomId }): boolean => shown.get(id)?.left === true
  const records = items.filter((item) => !hasLeft(item))
  const views = await roomViews(ctx, { viewerId: userId, records, shown })
  const gone = items.filter(hasLeft).map(({ id }) => tombstone(id))
  // What several pages add up to, the client sees with the next sync.
  const isWhole = place === null && next === null
  const addsUp = gone.length === 0 && (!isWhole || totalOf(views) === badge.total)
  return { rev, badge, rooms: [...views, ...gone], full: true, next, addsUp }
}

function totalOf(rooms: readonly Room[]): number {
  return rooms.reduce((sum, { me }) => (me.muted || me.archived ? sum : sum + me.unread), 0)
}

const Place = z.tuple([z.string().regex(/^\d+$/).transform(Number).pipe(Rev), IsoTime, RoomId])

/**
 * Messages of the rooms named: those of which the ledger knows a higher change, and on a full answer all of them,
 * because what the caller says it has may be of another database.
 */
async function namedMessages(
  ctx: ActionContext,
  { userId }: Caller,
  { view, rooms, all }: { view: ReadyView; rooms: readonly NamedRoom[]; all: boolean },
): Promise<Pick<SyncAnswer, 'messages' | 'changes'>> {
  const heads = new Map(view.rooms.map((room) => [room.roomId, room]))
  const named = lowestOfEach(rooms)
  const moved = named.filter(({ roomId, change }) => {
    const head = heads.get(roomId)
    return all || head === undefined || head.change > change
  })
  const share = Math.max(MIN_PER_ROOM, Math.floor(MESSAGES_PER_ANSWER / Math.max(1, moved.length)))
  const limit = Math.min(ctx.limits.syncMessagesPerRoom, share)
  const read = await changedMessages(ctx, { userId, heads, rooms: moved, limit })
  const messages: Record<string, Message[]> = {}
  const changes: Record<string, Change> = {}
  for (const { roomId, change } of named) {
    const room = read.get(roomId)
    if (room !== undefined) {
      messages[roomId] = room.messages.map((message) => toMessage(message, userId))
      changes[roomId] = room.change as Change
    } else if (heads.get(roomId)?.left === false && !all) {
      messages[roomId] = []
      changes[roomId] = change
    }
  }
  return { messages, changes }
}

/** Whoever names a room twice has certainly no more of it than the lower change says. */
function lowestOfEach(rooms: readonly NamedRoom[]): NamedRoom[] {
  const lowest = new Map<RoomId, NamedRoom>()
  for (const room of rooms) {
    const known = lowest.get(room.roomId)
    if (known === undefined || room.change < known.change) lowest.set(room.roomId, room)
  }
  return [...lowest.values()]
}

type NamedMoves = {
  userId: UserId
  heads: ReadonlyMap<RoomId, LedgerRoom>
  rooms: readonly NamedRoom[]
  limit: number
}

/** What is remembered of a room answers where it is as of the head that the ledger says; the rest is looked up. */
async function changedMessages(
  ctx: ActionContext,
  { userId, heads, rooms, limit }: NamedMoves,
): Promise<Map<RoomId, ChangedMessages>> {
  const changed = new Map<RoomId, ChangedMessages>()
  const unknown = new Map<RoomId, number>()
  for (const { roomId, change } of rooms) {
    const head = heads.get(roomId)
    const isPresent = head !== undefined && !head.left
    const messages = isPresent
      ? ctx.recentMessages.between(roomId, { from: change, upTo: head.change })
      : undefined
    if (messages === undefined || messages.length > limit) unknown.set(roomId, change)
    else changed.set(roomId, { change: head?.change ?? change, messages })
  }
  const read = await readChangedMessages(ctx.db, { userId, rooms: unknown, limit })
  for (const [roomId, change] of unknown) {
    const found = read.get(roomId)
    if (found === undefined) continue
    changed.set(roomId, found)
    if (found.messages.length < limit)
      ctx.recentMessages.keep(roomId, { from: change, upTo: found.change, messages: found.messages })
  }
  return changed
}

/** Many rooms share one answer; what is cut off goes on with the change that is answered for its room. */
const MESSAGES_PER_ANSWER = 500
const MIN_PER_ROOM = 10

function tombstone(id: RoomId): RoomTombstone {
  return { id, left: true }
}
