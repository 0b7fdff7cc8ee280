import { z } from 'zod'
import { RoomId, Seq, UserId } from '../ids.ts'
import { queryInt } from '../page.ts'

/** Done; there is nothing more to say. */
export const Done = z.object({ ok: z.literal(true) })
export type Done = z.infer<typeof Done>

/** The path of a room. */
export const RoomParams = z.object({ roomId: RoomId })
/** The path of a message: its room and its place there. */
export const MessageParams = z.object({ roomId: RoomId, seq: queryInt(Seq) })
/** The path of a person. */
export const UserParams = z.object({ userId: UserId })
/** A member of a room; `me` is the caller. */
export const MemberParams = z.object({ roomId: RoomId, userId: z.union([z.literal('me'), UserId]) })
