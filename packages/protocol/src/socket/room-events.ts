import { z } from 'zod'
import { Change, Count, IsoTime, ReadEpoch, Rev, RoomId, Seq, UserId } from '../ids.ts'
import { LIMITS } from '../limits.ts'

const bareRoomId = RoomId.transform((roomId) => ({ roomId }))

/** `join-room`: subscribe, open, and read to the head unless `read: false`. A bare room id reads. */
export const JoinRoomPayload = z.union([
  RoomId.transform((roomId) => ({ roomId, read: true })),
  z.object({
    roomId: RoomId,
    read: z
      .boolean()
      .nullish()
      .transform((read) => read ?? true),
  }),
])

const joined = { roomId: RoomId, seq: Seq, readSeq: Seq, readEpoch: ReadEpoch }

/** Acknowledges `join-room`: the head of that moment, and where the own reading stands. */
export const JoinRoomResult = z.object(joined)

/** The room counts as open on this device. */
export const JoinedRoom = z.object({ ...joined, success: z.literal(true) })
export type JoinedRoom = z.infer<typeof JoinedRoom>

/** `leave-room`: a bare room id, or `{ roomId }`. */
export const LeaveRoomPayload = z.union([bareRoomId, z.object({ roomId: RoomId })])

/**
 * `mark-read`: up to and with `upToSeq`; absent, to the head. `null` is refused, because it is what JSON makes of NaN:
 * a place that was miscounted must not read everything.
 */
export const MarkReadPayload = z.object({
  roomId: RoomId,
  upToSeq: Seq.optional(),
  readEpoch: ReadEpoch.optional(),
})

/** `mark-unread`: from `fromSeq` on. */
export const MarkUnreadPayload = z.object({ roomId: RoomId, fromSeq: Seq })

/**
 * `mark-delivered`: of these rooms the device has everything up to a place, or word of it. What a device has is told
 * together: one event for all rooms, and not more than one a second. Rooms the caller is not in are passed over.
 */
export const MarkDeliveredPayload = z.object({
  rooms: z
    .array(z.object({ roomId: RoomId, upToSeq: Seq }))
    .min(1)
    .max(LIMITS.batchMax),
})
export type MarkDeliveredPayload = z.infer<typeof MarkDeliveredPayload>

/** `typing`: repeat it while it goes on, at least every `LIMITS.typingTtlMs`. */
export const TypingPayload = z.object({ roomId: RoomId, typing: z.boolean() })

/** Somebody opened or closed a room that is open here. */
export const RoomVisit = z.object({ userId: UserId, userType: z.string().nullable(), roomId: RoomId })
export type RoomVisit = z.infer<typeof RoomVisit>

/** Somebody is no longer in a room that is open here. */
export const MemberLeft = z.object({
  roomId: RoomId,
  userId: UserId,
  /** The account is gone, and with it the name. */
  deleted: z.boolean(),
  /** The change of the room that it was, where that is known. */
  change: Change.optional(),
})
export type MemberLeft = z.infer<typeof MemberLeft>

/** Somebody of one's rooms has another name, image or type: absolute values, for all rooms. */
export const ProfileChanged = z.object({
  userId: UserId,
  name: z.string().nullable(),
  image: z.string().nullable(),
  userType: z.string().nullable(),
})
export type ProfileChanged = z.infer<typeof ProfileChanged>

/** Title, metadata or members of a room that is open here are other ones now: whoever shows them asks for the room. */
export const RoomChanged = z.object({
  roomId: RoomId,
  /** The change of the room that it was. */
  change: Change,
})
export type RoomChanged = z.infer<typeof RoomChanged>

/**
 * Where the time went between the acceptance of a message and its badge: durations measured on the server that
 * accepted it; `acceptedAt` is that server's clock.
 */
export const Timing = z.object({
  acceptedAt: IsoTime,
  /** From acceptance until the message entered its group. */
  edgeMs: z.number().min(0),
  /** Group commit in the database. */
  commitMs: z.number().min(0),
  /** Merge into the ledger. */
  ledgerMs: z.number().min(0),
})
export type Timing = z.infer<typeof Timing>

/** A room's row in the list. Absolute values; the app overwrites its row with them. */
export const ChatRoomUpdated = z.object({
  roomId: RoomId,
  last_message: z.string().nullable(),
  last_message_at: IsoTime.nullable(),
  unread_count: Count,
  rev: Rev,
  last_message_seq: Seq.optional(),
  last_sender_id: UserId.nullable().optional(),
  change: Change.optional(),
  /** The room's `factsVersion`: whoever shows the facts of an earlier one asks for the room. */
  facts_version: Count.optional(),
  muted: z.boolean().optional(),
  archived: z.boolean().optional(),
  /** No longer a member: take the room off the list. */
  left: z.boolean().optional(),
  timing: Timing.optional(),
})
export type ChatRoomUpdated = z.infer<typeof ChatRoomUpdated>

/** Somebody read on. */
export const ReadReceipt = z.object({ roomId: RoomId, userId: UserId, readSeq: Seq })
export type ReadReceipt = z.infer<typeof ReadReceipt>

/** A device of somebody has everything up to here. Whoever read it has it, too: `read-receipt` says both. */
export const DeliveryReceipt = z.object({ roomId: RoomId, userId: UserId, deliveredSeq: Seq })
export type DeliveryReceipt = z.infer<typeof DeliveryReceipt>

/** Somebody types in a room that is open here, or stopped. */
export const Typing = z.object({ roomId: RoomId, userId: UserId, typing: z.boolean() })
export type Typing = z.infer<typeof Typing>
