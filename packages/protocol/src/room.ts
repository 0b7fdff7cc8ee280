import { z } from 'zod'
import { Change, Count, IsoTime, RoomId, Seq, UserId } from './ids.ts'
import { jsonObject } from './json-object.ts'
import { LIMITS } from './limits.ts'
import { JoinHistory, Me, Member } from './member.ts'
import { Message } from './message.ts'
import { line } from './text.ts'

/** `direct`: two people, one room per pair and key. `group`: any number. */
export const RoomKind = z.enum(['direct', 'group'])
export type RoomKind = z.infer<typeof RoomKind>

/** The title of a group. */
export const RoomTitle = line(LIMITS.titleChars, 1)

/** The host's own name for a room: creating with the same key again gives the same room. */
export const RoomKey = line(LIMITS.keyChars, 1)

/** Whatever the host wants to keep with a room. */
export const RoomMetadata = jsonObject({ maxBytes: LIMITS.metadataBytes, maxDepth: LIMITS.metadataDepth })
export type RoomMetadata = z.infer<typeof RoomMetadata>

/** A room as one of its members sees it. */
export const Room = z.object({
  id: RoomId,
  kind: RoomKind,
  key: z.string().optional(),
  title: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()),
  /** The last message's place. */
  seq: Seq,
  /** Up by one with everything people can see change in the room. */
  change: Change,
  /** Up by one with every change of what is no message: title, metadata, who is in it. */
  factsVersion: Count,
  createdAt: IsoTime,
  updatedAt: IsoTime,
  lastMessage: Message.nullable(),
  /** The first `LIMITS.membersShown`, those who are there before those who left. */
  members: z.array(Member),
  /** How many are there now. */
  memberCount: Count,
  me: Me,
})
export type Room = z.infer<typeof Room>

/** A room as the host's backend sees it: nobody's side of it. */
export const HostRoom = Room.omit({ me: true })
export type HostRoom = z.infer<typeof HostRoom>

/** The answer where both people (with `me`) and the host's backend (without) may ask. */
export const RoomAnswer = z.union([Room, HostRoom])
export type RoomAnswer = z.infer<typeof RoomAnswer>

/** A room the caller is no longer in: take it off the list. */
export const RoomTombstone = z.object({ id: RoomId, left: z.literal(true) })
export type RoomTombstone = z.infer<typeof RoomTombstone>

/**
 * A new room. A person who creates one is its owner and need not be named; a server key names all members, the first
 * one of a group becomes its owner. A direct room has exactly two people.
 */
export const CreateRoomBody = z.object({
  kind: RoomKind,
  memberIds: z.array(UserId).min(1).max(LIMITS.batchMax),
  key: RoomKey.optional(),
  title: RoomTitle.optional(),
  metadata: RoomMetadata.optional(),
  /** What counts as unread for those who join later. */
  history: JoinHistory.default('none'),
})
export type CreateRoomBody = z.infer<typeof CreateRoomBody>

/** What is named is replaced; `title: null` takes the title away. */
export const UpdateRoomBody = z
  .object({ title: RoomTitle.nullable().optional(), metadata: RoomMetadata.optional() })
  .refine((body) => body.title !== undefined || body.metadata !== undefined, 'must name a title or metadata')
export type UpdateRoomBody = z.infer<typeof UpdateRoomBody>
