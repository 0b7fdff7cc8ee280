import { z } from 'zod'
import { Count, Cursor, IsoTime, MessageId, RoomId, Seq, UserId } from './ids.ts'
import { LIMITS } from './limits.ts'
import { listOf, PageLimit } from './page.ts'
import { Room } from './room.ts'
import { line } from './text.ts'
import { User } from './user.ts'

/** Among what: what was said, the rooms one is in (by title, or the other person's name), the people in them (by name). */
export const SearchIn = z.enum(['messages', 'rooms', 'people'])
export type SearchIn = z.infer<typeof SearchIn>

/**
 * Words, all of which have to be found; any part of a word is enough, large and small letters are the same. There is no
 * syntax: every character means itself.
 */
export const SearchQuery = z
  .object({
    q: line(LIMITS.searchChars, 1).regex(/\S/, 'must not be blank'),
    in: SearchIn.default('messages'),
    /** Messages of this room alone. */
    roomId: RoomId.optional(),
    cursor: Cursor.optional(),
    limit: PageLimit,
  })
  .refine((query) => query.roomId === undefined || query.in === 'messages', 'must not name a room here')
export type SearchQuery = z.infer<typeof SearchQuery>

/** A piece of a text, from `start` to before `end`, in UTF-16 code units. */
export const TextSpan = z.object({ start: Count, end: Count })
export type TextSpan = z.infer<typeof TextSpan>

/** A message that was found: a piece of its text, and where in that piece what was searched for stands. */
export const FoundMessage = z.object({
  kind: z.literal('message'),
  id: MessageId,
  roomId: RoomId,
  seq: Seq,
  senderId: UserId.nullable(),
  type: z.string(),
  createdAt: IsoTime,
  excerpt: z.string(),
  matches: z.array(TextSpan),
})
export type FoundMessage = z.infer<typeof FoundMessage>

/** What was found. */
export const Found = z.discriminatedUnion('kind', [
  FoundMessage,
  z.object({ kind: z.literal('room'), room: Room }),
  z.object({ kind: z.literal('person'), user: User }),
])
export type Found = z.infer<typeof Found>

/** The newest first. A page may hold fewer than were asked for, or none, and still have a `next`. */
export const FoundPage = listOf(Found)
export type FoundPage = z.infer<typeof FoundPage>
