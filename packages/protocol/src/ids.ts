import { z } from 'zod'
import { LIMITS } from './limits.ts'
import { line } from './text.ts'

// '.' and '..' would vanish from a URL's path before the server sees them.
const id = line(LIMITS.idChars, 1).regex(/^(?!\.{1,2}$)/, 'must not be "." or ".."')
// `me` stands for the caller where a path names a member, so nobody can be called that.
const person = id.regex(/^(?!me$)/, 'must not be "me"')

/** A person, by the id of the host's own user table. */
export const UserId = person.brand<'UserId'>()
export type UserId = z.infer<typeof UserId>

/** A room. */
export const RoomId = id.brand<'RoomId'>()
export type RoomId = z.infer<typeof RoomId>

/** A message, everywhere. Within its room a message is named by its `Seq`. */
export const MessageId = id.brand<'MessageId'>()
export type MessageId = z.infer<typeof MessageId>

/** A file of a message. */
export const AttachmentId = id.brand<'AttachmentId'>()
export type AttachmentId = z.infer<typeof AttachmentId>

/** A sender's own name for a message, made before it is sent: the same one twice is the same message. */
export const ClientId = id.brand<'ClientId'>()
export type ClientId = z.infer<typeof ClientId>

/** An entry of a notification feed. */
export const NotificationId = id.brand<'NotificationId'>()
export type NotificationId = z.infer<typeof NotificationId>

/** Ids of the host's own rows (applications, companies, job postings) that Tally keeps and hands back. */
export const ExternalId = id

// Every number of the wire: whole, not negative, exact in JavaScript. NaN, fractions and 2^53 are refused.
const counter = z.int().min(0)

/** How many of something: never negative, exact. */
export const Count = counter

/** A message's place in its room: 1, 2, 3 … 0 is the place before the first. */
export const Seq = counter.brand<'Seq'>()
export type Seq = z.infer<typeof Seq>

/** A room's counter of visible changes (message, edit, delete, reaction, title, members). */
export const Change = counter.brand<'Change'>()
export type Change = z.infer<typeof Change>

/** A user's badge version: warm · 2^20 + n. Compare revs within one connection only. */
export const Rev = counter.brand<'Rev'>()
export type Rev = z.infer<typeof Rev>

/** How often a member marked the room unread; a read that carries an older one is ignored. */
export const ReadEpoch = counter.brand<'ReadEpoch'>()
export type ReadEpoch = z.infer<typeof ReadEpoch>

/** Opaque position in a list; give back what the last page's `next` said. */
export const Cursor = line(LIMITS.cursorChars, 1).brand<'Cursor'>()
export type Cursor = z.infer<typeof Cursor>

/**
 * A time: ISO 8601 in UTC, up to microseconds, as PostgreSQL can read it (no year 0, no other offset than zero).
 * A message's `created_at` rises strictly within its room, so a time is a cursor without loss.
 */
export const IsoTime = z.iso
  .datetime({ offset: true })
  .max(40)
  .regex(/^(?!0000)/, 'must be in the year 1 or later')
  .regex(/(?:Z|[+-]00:00)$/, 'must be in UTC')
export type IsoTime = z.infer<typeof IsoTime>
