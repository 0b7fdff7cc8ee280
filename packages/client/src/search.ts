import type { Cursor, FoundPage, RoomId, SearchIn, v1 } from '@tally/protocol'
import { type Caller, nativeCall } from './native-call.ts'

/** What to look for, among what (messages unless said), in which room; `cursor` goes on where a page ended. */
export type SearchRequest = {
  q: string
  in?: SearchIn
  roomId?: RoomId
  cursor?: Cursor
  limit?: number
}

/**
 * Messages, rooms or people with all of these words, or parts of them, newest first. A page may be short, or empty, and
 * still have a `next`.
 * @throws RequestError `invalid_request` (one letter alone, nothing but blanks), `room_not_found`, `rate_limited`, …
 */
export function search(tally: Caller, query: SearchRequest): Promise<FoundPage> {
  return nativeCall<(typeof v1)['search']>(tally, { method: 'GET', path: '/v1/search' }, { query })
}
