import { z } from 'zod'
import { ReadEpoch, Seq } from '../ids.ts'
import { ReadState } from '../member.ts'
import { listOf, PageQuery } from '../page.ts'
import { CreateRoomBody, Room, RoomAnswer, UpdateRoomBody } from '../room.ts'
import { Done, RoomParams } from './common.ts'
import type { Endpoint } from './endpoint.ts'

/** Read up to and with `upToSeq`; absent, to the head. */
export const ReadBody = z.object({ upToSeq: Seq.optional(), readEpoch: ReadEpoch.optional() })
/** Unread again from `fromSeq` on. */
export const UnreadBody = z.object({ fromSeq: Seq })

/** Rooms, and the caller's own side of them. */
export const roomEndpoints = {
  listRooms: {
    method: 'GET',
    path: '/v1/rooms',
    auth: 'user',
    tag: 'rooms',
    summary: "The caller's rooms, the one with the newest message first.",
    query: PageQuery,
    response: listOf(Room),
  },
  createRoom: {
    method: 'POST',
    path: '/v1/rooms',
    auth: 'user_or_server',
    tag: 'rooms',
    summary: 'Make a room, or get the one that already has this key.',
    body: CreateRoomBody,
    response: RoomAnswer,
    status: 201,
  },
  readRoom: {
    method: 'GET',
    path: '/v1/rooms/:roomId',
    auth: 'user_or_server',
    tag: 'rooms',
    summary: 'One room.',
    params: RoomParams,
    response: RoomAnswer,
  },
  updateRoom: {
    method: 'PATCH',
    path: '/v1/rooms/:roomId',
    auth: 'user_or_server',
    tag: 'rooms',
    summary: 'Change title or metadata.',
    params: RoomParams,
    body: UpdateRoomBody,
    response: RoomAnswer,
  },
  deleteRoom: {
    method: 'DELETE',
    path: '/v1/rooms/:roomId',
    auth: 'user_or_server',
    tag: 'rooms',
    summary: 'Delete a room; its part of every badge goes at once.',
    params: RoomParams,
    response: Done,
  },
  markRead: {
    method: 'POST',
    path: '/v1/rooms/:roomId/read',
    auth: 'user',
    tag: 'reading',
    summary: 'Read up to a message, or all of the room.',
    params: RoomParams,
    body: ReadBody,
    response: ReadState,
  },
  markUnread: {
    method: 'POST',
    path: '/v1/rooms/:roomId/unread',
    auth: 'user',
    tag: 'reading',
    summary: 'Make everything from a message on unread again.',
    params: RoomParams,
    body: UnreadBody,
    response: ReadState,
  },
  muteRoom: {
    method: 'POST',
    path: '/v1/rooms/:roomId/mute',
    auth: 'user',
    tag: 'rooms',
    summary: 'Leave a room out of the total, or count it again.',
    params: RoomParams,
    body: z.object({ muted: z.boolean() }),
    response: Done,
  },
  archiveRoom: {
    method: 'POST',
    path: '/v1/rooms/:roomId/archive',
    auth: 'user',
    tag: 'rooms',
    summary: 'Put a room away until its next message, or bring it back.',
    params: RoomParams,
    body: z.object({ archived: z.boolean() }),
    response: Done,
  },
  typing: {
    method: 'POST',
    path: '/v1/rooms/:roomId/typing',
    auth: 'user',
    tag: 'rooms',
    summary: 'Tell the others that the caller is typing, or stopped.',
    params: RoomParams,
    body: z.object({ typing: z.boolean() }),
    response: Done,
  },
} as const satisfies Record<string, Endpoint>
