import { z } from 'zod'
import { Badge } from './badge.ts'
import { Change, Count, Cursor, ReadEpoch, Rev, RoomId, UserId } from './ids.ts'
import { LIMITS } from './limits.ts'
import { Message } from './message.ts'
import { FeedNews } from './notification.ts'
import { queryInt } from './page.ts'
import { Room, RoomTombstone } from './room.ts'
import { Presence } from './socket/connection-events.ts'
import { DeliveryReceipt, ReadReceipt } from './socket/room-events.ts'

/** A room whose messages a sync should bring, and the `change` up to which the client has them. */
export const NamedRoom = z.object({ roomId: RoomId, change: Change })
export type NamedRoom = z.infer<typeof NamedRoom>

const NamedRooms = z.array(NamedRoom).max(LIMITS.syncNamedRooms)

/** `rooms` of the query: `<id>:<change>,…`, each id encoded as a URI component (a UUID stays as it is). */
export const NamedRoomsParam = z
  .string()
  .max(LIMITS.syncNamedRooms * (LIMITS.idChars * 3 + 20))
  .transform(
    (list, context) => parseRooms(list, context)?.map(([roomId, change]) => ({ roomId, change })) ?? z.NEVER,
  )
  .pipe(NamedRooms)

/** A room that a polling device shows, and the read epoch of its visit: a mark-unread that comes after ends it. */
export const OpenRoom = z.object({ roomId: RoomId, readEpoch: ReadEpoch })
export type OpenRoom = z.infer<typeof OpenRoom>

/** `open` of the query: `<id>:<read epoch>,…`; empty when the device shows none. */
export const OpenRoomsParam = z
  .string()
  .max(LIMITS.syncNamedRooms * (LIMITS.idChars * 3 + 20))
  .transform(
    (list, context) =>
      parseRooms(list, context)?.map(([roomId, readEpoch]) => ({ roomId, readEpoch })) ?? z.NEVER,
  )
  .pipe(z.array(OpenRoom).max(LIMITS.syncNamedRooms))

/** Names a device among those of a person that poll. */
const PollingDeviceId = z.string().regex(/^[\w-]{8,64}$/)

/** The query of `GET /v1/sync`. Without `since`, or with one the server cannot continue from, the answer is full. */
export const SyncQuery = z.object({
  since: queryInt(Rev).optional(),
  /** Seconds to wait for something to happen. */
  wait: queryInt(z.int().min(0).max(LIMITS.syncWaitSeconds)).optional(),
  rooms: NamedRoomsParam.optional(),
  /** The `next` of a full answer's last page. */
  next: Cursor.optional(),
  /** A device that asks again and again: it counts as here while it does, and is told who types, who reads and who is here. */
  device: PollingDeviceId.optional(),
  /** The rooms that the device shows, all of them. They count as open there until it stops asking. Absent: as before. */
  open: OpenRoomsParam.optional(),
})
export type SyncQuery = z.infer<typeof SyncQuery>

/** The same over the socket, which needs no waiting. */
export const SyncPayload = z.object({
  since: Rev.optional(),
  rooms: NamedRooms.optional(),
  next: Cursor.optional(),
})
export type SyncPayload = z.infer<typeof SyncPayload>

/**
 * What is true for a moment, as far as the node that answers has heard: absolute, so it may be told again. Told to a
 * polling device only, with every answer, and a change of it is no 304.
 */
export const LiveSigns = z.object({
  /** For the rooms named: who else types there. */
  typing: z.record(z.string(), z.array(UserId)),
  /** In the rooms named: how far people have read who read on lately. */
  reads: z.array(ReadReceipt),
  /** In the rooms named: how far the devices of others have come that received something lately. */
  deliveries: z.array(DeliveryReceipt).optional(),
  /** Whether people with whom one shares a direct room are here. */
  presence: z.array(Presence),
  /** What was told lately of the feed, as far as it was. */
  feed: FeedNews.optional(),
})
export type LiveSigns = z.infer<typeof LiveSigns>

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
  live: LiveSigns.optional(),
})
export type SyncAnswer = z.infer<typeof SyncAnswer>

/** `<room id>:<number>,…`; `undefined` after an issue was told. */
function parseRooms(list: string, context: z.RefinementCtx): [roomId: string, number: number][] | undefined {
  if (list === '') return []
  const rooms: [string, number][] = []
  for (const entry of list.split(',')) {
    const match = /^([^:]+):(\d{1,16})$/.exec(entry)
    const roomId = match?.[1] === undefined ? undefined : decode(match[1])
    if (roomId === undefined) {
      context.addIssue({ code: 'custom', message: 'must be <room id>:<number>, separated by commas' })
      return undefined
    }
    rooms.push([roomId, Number(match?.[2])])
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
