import {
  type Cursor,
  type Found,
  type FoundPage,
  IsoTime,
  RequestError,
  RoomId,
  type SearchQuery,
  type Seq,
  UserId,
} from '@tally/protocol'
import { z } from 'zod'
import {
  canSearch,
  excerptOf,
  hasTerms,
  indexCondition,
  MOST_ROOM_TOKENS,
  searchTerms,
} from '../core/search-text.ts'
import { readMember } from '../store/read-member.ts'
import { readRoomsOf } from '../store/read-rooms.ts'
import {
  type FoundMessageRecord,
  readRoomIds,
  type SearchPlace,
  searchByIndex,
  searchNewest,
} from '../store/search-messages.ts'
import { searchPeopleNames, searchRoomNames } from '../store/search-names.ts'
import type { ActionContext, Caller } from './context.ts'
import { decodeCursor, encodeCursor, pageOf } from './list-cursor.ts'
import { readyView } from './ready-view.ts'
import { roomViews, shownRooms } from './room-view.ts'

/** Entries of the index that one search looks at; what is found more often is looked for from the newest back. */
const MOST_BY_INDEX = 20_000
/** Messages that one search looks at on the way back; its page may be short then, and goes on from there. */
const MOST_BACKWARDS = 20_000
/** Rounds until a page is full; each is for entries that had the parts of a word, but not the word. */
const MOST_ROUNDS = 3
const MOST_MEMBERSHIPS = 50_000

/**
 * Finds messages, rooms or people in the caller's rooms. Nothing of a room the caller is not in, nothing deleted, no
 * message from somebody the caller blocked. New messages are found a moment after they were sent.
 *
 * @throws RequestError `invalid_request` (a single letter, which is in everything), `invalid_cursor`,
 * `room_not_found`, `rate_limited`, `storage_unavailable`.
 */
export async function search(ctx: ActionContext, caller: Caller, query: SearchQuery): Promise<FoundPage> {
  const rate = ctx.rateLimits.searches.take(caller.userId, ctx.now())
  if (!rate.ok) throw new RequestError('rate_limited', { retryAfterMs: rate.retryAfterMs })
  const terms = searchTerms(query.q)
  if (query.in === 'rooms') return searchRooms(ctx, caller, { ...query, terms })
  if (query.in === 'people') return searchPeople(ctx, caller, { ...query, terms })
  if (!canSearch(terms)) {
    throw new RequestError('invalid_request', {
      message: 'Search for two characters or more.',
      details: { issues: [{ path: 'q', message: 'must have a word of two characters' }] },
    })
  }
  return searchMessages(ctx, caller, { ...query, terms })
}

type Search = Omit<SearchQuery, 'q' | 'in'> & { terms: string[] }

const MessagePlace = z.tuple([IsoTime, RoomId, z.coerce.number().int().min(0)])

async function searchMessages(
  ctx: ActionContext,
  caller: Caller,
  { terms, cursor, limit, ...where }: Search,
): Promise<FoundPage> {
  const { userId } = caller
  const roomId = where.roomId ?? null
  if (roomId !== null && (await readMember(ctx.db, { userId, roomId })) === undefined) {
    throw new RequestError('room_not_found')
  }
  const scope = { list: `search ${roomId ?? ''} ${terms.join(' ')}`, owner: userId }
  const condition = indexCondition(terms, await roomsToSearch(ctx, { userId, roomId }))
  const items: Found[] = []
  let before: SearchPlace | null = null
  if (cursor !== undefined) {
    const [createdAt, room, seq] = decodeCursor(scope, cursor, MessagePlace)
    before = { createdAt, roomId: room, seq }
  }
  for (let round = 0; round < MOST_ROUNDS && items.length < limit; round += 1) {
    const wanted = limit - items.length
    const read = await readFound(ctx, { userId, condition, roomId, before, limit: wanted })
    items.push(...read.messages.filter(({ text }) => hasTerms(text, terms)).map((one) => found(one, terms)))
    before = read.stoppedAt
    if (before === null) break
  }
  return {
    items,
    next: before === null ? null : encodeCursor(scope, [before.createdAt, before.roomId, before.seq]),
  }
}

async function readFound(
  ctx: ActionContext,
  asked: {
    userId: UserId
    condition: string
    roomId: RoomId | null
    before: SearchPlace | null
    limit: number
  },
): Promise<{ messages: FoundMessageRecord[]; stoppedAt: SearchPlace | null }> {
  const messages = await searchByIndex(ctx.db, { ...asked, most: MOST_BY_INDEX })
  if (messages === null) return searchNewest(ctx.db, { ...asked, most: MOST_BACKWARDS })
  return { messages, stoppedAt: messages.length < asked.limit ? null : (messages.at(-1) ?? null) }
}

/** The rooms as part of the condition, unless there are too many: their entries are left out afterwards in any case. */
async function roomsToSearch(
  ctx: ActionContext,
  { userId, roomId }: { userId: UserId; roomId: RoomId | null },
): Promise<RoomId[] | null> {
  if (roomId !== null) return [roomId]
  const roomIds = await readRoomIds(ctx.db, { userId, limit: MOST_ROOM_TOKENS + 1 })
  return roomIds.length > MOST_ROOM_TOKENS || roomIds.length === 0 ? null : roomIds
}

function found({ text, seq, ...message }: FoundMessageRecord, terms: readonly string[]): Found {
  const { text: excerpt, matches } = excerptOf(text, terms)
  return { kind: 'message', ...message, seq: seq as Seq, excerpt, matches }
}

const RoomPlace = z.tuple([IsoTime, RoomId])

async function searchRooms(
  ctx: ActionContext,
  { userId }: Caller,
  { terms, cursor, limit }: Search,
): Promise<FoundPage> {
  const scope = { list: `search rooms ${terms.join(' ')}`, owner: userId }
  const place = cursor === undefined ? undefined : decodeCursor(scope, cursor, RoomPlace)
  const after = place === undefined ? null : { lastAt: place[0], roomId: place[1] }
  const read = await searchRoomNames(ctx.db, { userId, terms, after, limit: limit + 1 })
  const page = pageOf(read, limit, ({ lastAt, roomId }): Cursor => encodeCursor(scope, [lastAt, roomId]))
  const roomIds = page.items.map(({ roomId }) => roomId)
  const records = await readRoomsOf(ctx.db, { userId, roomIds })
  const view = await readyView(ctx, { userId, rooms: roomIds })
  const rooms = await roomViews(ctx, { viewerId: userId, records, shown: shownRooms(view.rooms) })
  return { items: rooms.map((room) => ({ kind: 'room', room })), next: page.next }
}

async function searchPeople(
  ctx: ActionContext,
  { userId }: Caller,
  { terms, cursor, limit }: Search,
): Promise<FoundPage> {
  const scope = { list: `search people ${terms.join(' ')}`, owner: userId }
  const afterUserId = cursor === undefined ? null : decodeCursor(scope, cursor, z.tuple([UserId]))[0]
  const read = await searchPeopleNames(ctx.db, {
    userId,
    terms,
    afterUserId,
    limit: limit + 1,
    most: MOST_MEMBERSHIPS,
  })
  const { items, next } = pageOf(read, limit, ({ id }) => encodeCursor(scope, [id]))
  return { items: items.map((user) => ({ kind: 'person', user })), next }
}
