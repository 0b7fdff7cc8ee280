import { z } from 'zod'
import { Count, ReadEpoch, RoomId, Seq, UserId } from './ids.ts'
import { LIMITS } from './limits.ts'

/** Owners and admins may rename the room, add and remove members; owners may delete it. */
export const ROLES = ['owner', 'admin', 'member'] as const
/** What a member may do. */
export const Role = z.enum(ROLES)
export type Role = z.infer<typeof Role>

/** What of the past counts as unread for somebody who joins: nothing, or all of it. */
export const JoinHistory = z.enum(['none', 'unread'])
export type JoinHistory = z.infer<typeof JoinHistory>

/** Somebody in a room. `left`: was a member once; `name` is null when the account is gone. */
export const Member = z.object({
  userId: UserId,
  name: z.string().nullable(),
  image: z.string().nullable(),
  userType: z.string().nullable(),
  role: Role,
  readSeq: Seq,
  /** Up to where a device of theirs has the messages: never below `readSeq`, and it never falls. */
  deliveredSeq: Seq,
  left: z.boolean(),
})
export type Member = z.infer<typeof Member>

/** The caller's own side of a room. */
export const Me = z.object({
  readSeq: Seq,
  /** To be given with every read, so that a read in flight cannot undo a mark-unread. */
  readEpoch: ReadEpoch,
  /** As shown: 0 while a live device has the room open. */
  unread: Count,
  muted: z.boolean(),
  archived: z.boolean(),
  role: Role,
})
export type Me = z.infer<typeof Me>

/** People to add to a group. Those who are members already stay as they are. */
export const AddMembersBody = z.object({
  userIds: z.array(UserId).min(1).max(LIMITS.batchMax),
  role: Role.default('member'),
  /** Absent: the room's own policy. */
  history: JoinHistory.optional(),
})
export type AddMembersBody = z.infer<typeof AddMembersBody>

/** Where a member's reading stands, after a read or a mark-unread. */
export const ReadState = z.object({
  roomId: RoomId,
  readSeq: Seq,
  readEpoch: ReadEpoch,
  unread: Count,
})
export type ReadState = z.infer<typeof ReadState>
