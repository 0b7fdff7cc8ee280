import { RequestError, type RoomId, type UserId } from '@tally/protocol'
import {
  readExportedMessages,
  readExportedNotifications,
  readExportedRest,
  readExportedRooms,
  readExportedUser,
} from '../store/read-export.ts'
import { readReportsOf } from '../store/reports.ts'
import type { ActionContext } from './context.ts'

const ROOMS_PER_STEP = 100
/** Messages of one statement that are looked at: others' are most of them. */
const MESSAGES_PER_STEP = 5_000

type Room = { id: RoomId; kind: string; seq: number }

/**
 * Everything there is of one person, as one JSON document in pieces: `{ user, rooms, messages, notifications, reactions,
 * blocks, files, devices, preferences, feedSeenSeq, reports }`. Written as it is read, so that it takes no memory however much somebody said; what is
 * said meanwhile may be in it. The bytes of files are fetched one by one.
 *
 * @throws RequestError `user_not_found`, before anything is written; `rate_limited`, `storage_unavailable`.
 */
export async function exportUser(
  ctx: ActionContext,
  { userId }: { userId: UserId },
): Promise<AsyncIterable<string>> {
  const rate = ctx.rateLimits.exports.take(userId, ctx.now())
  if (!rate.ok) throw new RequestError('rate_limited', { retryAfterMs: rate.retryAfterMs })
  const user = await readExportedUser(ctx.db, userId)
  if (user === undefined) throw new RequestError('user_not_found')
  return documentOf(ctx, userId, user)
}

async function* documentOf(ctx: ActionContext, userId: UserId, user: object): AsyncGenerator<string> {
  const rooms = await readRooms(ctx, userId)
  const chats = rooms.filter(({ kind }) => kind !== 'feed')
  yield `{"user":${JSON.stringify(user)}`
  yield `,"rooms":${JSON.stringify(chats)}`
  yield* list('messages', messagesIn(ctx, userId, chats))
  const feeds = rooms.filter(({ kind }) => kind === 'feed')
  yield* list('notifications', notificationsIn(ctx, feeds))
  const reports = await readReportsOf(ctx.db, userId)
  const rest = { ...(await readExportedRest(ctx.db, userId)), reports }
  for (const [name, entries] of Object.entries(rest))
    yield `,${JSON.stringify(name)}:${JSON.stringify(entries)}`
  yield '}\n'
}

async function* list(name: string, pages: AsyncIterable<object[]>): AsyncGenerator<string> {
  yield `,${JSON.stringify(name)}:[`
  let separator = '\n'
  for await (const page of pages) {
    if (page.length === 0) continue
    yield separator + page.map((entry) => JSON.stringify(entry)).join(',\n')
    separator = ',\n'
  }
  yield ']'
}

async function readRooms(ctx: ActionContext, userId: UserId): Promise<Room[]> {
  const rooms: Room[] = []
  let read: Room[]
  do {
    const afterRoomId = rooms.at(-1)?.id ?? null
    read = await readExportedRooms(ctx.db, { userId, afterRoomId, limit: ROOMS_PER_STEP })
    rooms.push(...read)
  } while (read.length === ROOMS_PER_STEP)
  return rooms
}

async function* messagesIn(ctx: ActionContext, userId: UserId, rooms: readonly Room[]) {
  for (const { id: roomId, seq } of rooms) {
    for (const step of steps(seq)) yield await readExportedMessages(ctx.db, { userId, roomId, ...step })
  }
}

async function* notificationsIn(ctx: ActionContext, feeds: readonly Room[]) {
  for (const { id: feedId, seq } of feeds) {
    for (const step of steps(seq)) yield await readExportedNotifications(ctx.db, { feedId, ...step })
  }
}

function* steps(seq: number): Generator<{ afterSeq: number; upToSeq: number }> {
  for (let afterSeq = 0; afterSeq < seq; afterSeq += MESSAGES_PER_STEP) {
    yield { afterSeq, upToSeq: afterSeq + MESSAGES_PER_STEP }
  }
}
