import { z } from 'zod'
import { Badge } from './badge.ts'
import { Change, Count, Cursor, Rev, RoomId } from './ids.ts'
import { LIMITS } from './limits.ts'
import { Message } from './message.ts'
import { queryInt } from './page.ts'
import { Room, RoomTombstone } from './room.ts'

/** A room whose messages a sync should bring, and the `change` up to which the client has them. */
export const NamedRoom = z.object({ roomId: RoomId, change: Change })
export type NamedRoom = z.infer<typeof NamedRoom>

const NamedRooms = z.array(NamedRoom).max(LIMITS.syncNamedRooms)

/** `rooms` of the query: `<id>:<change>,…`, each id encoded as a URI component (a UUID stays as it is). */
export const NamedRoomsParam = z
  .string()
  .max(LIMITS.syncNamedRooms * (LIMITS.idChars * 3 + 20))
  .transform(parseNamedRooms)
  .pipe(NamedRooms)

/** The query of `GET /v1/sync`. Without `since`, or with one the server cannot continue from, the answer is full. */
export const SyncQuery = z.object({
  since: queryInt(Rev).optional(),
  /** Seconds to wait for something to happen. */
  wait: queryInt(z.int().min(0).max(LIMITS.syncWaitSeconds)).optional(),
  rooms: NamedRoomsParam.optional(),
  /** The `next` of a full answer's last page. */
  next: Cursor.optional(),
})
export type SyncQuery = z.infer<typeof SyncQuery>

/** The same over the socket, which needs no waiting. */
export const SyncPayload = z.object({
  since: Rev.optional(),
  rooms: NamedRooms.optional(),
  next: Cursor.optional(),
})
export type SyncPayload = z.infer<typeof SyncPayload>

/** What moved since `since`; applying the same answer twice changes nothing. */
export const SyncAnswer = z.object({
  /** The `since` of the next sync. */
  rev: Rev,
  badge: Badge,
  /** Changed since; with `full` a page of all of them. */
  rooms: z.array(z.union([RoomTombstone, Room])),
  /** For the rooms named: messages with a higher change, lowest change first. */
  messages: z.record(z.string(), z.array(Message)),
  /** For the rooms named: the change to name next time. Below the room's own while more messages wait. */
  changes: z.record(z.string(), Change),
  /** When to ask again, in ms, without `wait`. */
  nextPollMs: Count,
  /** People with a live device in the rooms named. */
  activeUsers: Count,
  /** Replace everything rather than add to it. */
  full: z.boolean(),
  next: Cursor.nullable(),
})
export type SyncAnswer = z.infer<typeof SyncAnswer>

function parseNamedRooms(list: string, context: z.RefinementCtx): { roomId: string; change: number }[] {
  if (list === '') return []
  const rooms: { roomId: string; change: number }[] = []
  for (const entry of list.split(',')) {
    const match = /^([^:]+):(\d{1,16})$/.exec(entry)
    const roomId = match?.[1] === undefined ? undefined : decode(match[1])
    if (roomId === undefined) {
      context.addIssue({ code: 'custom', message: 'must be <room id>:<change>, separated by commas' })
      return z.NEVER
    }
    rooms.push({ roomId, change: Number(match?.[2]) })
  }
  return rooms
}

function decode(component: string): string | undefined {
  try {
    return decodeURIComponent(component)
  } catch {
    return undefined
  }
}
