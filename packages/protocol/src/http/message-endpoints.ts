import { z } from 'zod'
import { ClientId, Seq } from '../ids.ts'
import { Message, MessageBody, MessagePage, MessageType } from '../message.ts'
import { PageLimit, queryInt } from '../page.ts'
import { Emoji } from '../reaction.ts'
import { MessageParams, RoomParams } from './common.ts'
import type { Endpoint } from './endpoint.ts'

/** A page below `before` or above `after`; without either, the newest. */
export const MessagesQuery = z
  .object({ before: queryInt(Seq).optional(), after: queryInt(Seq).optional(), limit: PageLimit })
  .refine(
    ({ before, after }) => before === undefined || after === undefined,
    'must not name both before and after',
  )
export type MessagesQuery = z.infer<typeof MessagesQuery>

/** What is said in a room. */
export const messageEndpoints = {
  listMessages: {
    method: 'GET',
    path: '/v1/rooms/:roomId/messages',
    auth: 'user',
    tag: 'messages',
    summary: 'Messages around a place in the room, oldest first.',
    params: RoomParams,
    query: MessagesQuery,
    response: MessagePage,
  },
  sendMessage: {
    method: 'POST',
    path: '/v1/rooms/:roomId/messages',
    auth: 'user',
    tag: 'messages',
    summary: 'Send a message; answered after it is stored. The same clientId again gives the same message.',
    params: RoomParams,
    body: MessageBody,
    response: Message,
    status: 201,
  },
  readMessage: {
    method: 'GET',
    path: '/v1/rooms/:roomId/messages/:seq',
    auth: 'user',
    tag: 'messages',
    summary: 'One message.',
    params: MessageParams,
    response: Message,
  },
  editMessage: {
    method: 'PATCH',
    path: '/v1/rooms/:roomId/messages/:seq',
    auth: 'user',
    tag: 'messages',
    summary: "Change the text of one's own message.",
    params: MessageParams,
    body: z.object({ text: z.string() }),
    response: Message,
  },
  deleteMessage: {
    method: 'DELETE',
    path: '/v1/rooms/:roomId/messages/:seq',
    auth: 'user_or_server',
    tag: 'messages',
    summary: "Delete one's own message, or any as owner or admin or with a server key. Its place stays.",
    params: MessageParams,
    response: Message,
  },
  react: {
    method: 'POST',
    path: '/v1/rooms/:roomId/reactions',
    auth: 'user',
    tag: 'messages',
    summary: 'Put an emoji on a message, or take it off.',
    params: RoomParams,
    body: z.object({ seq: Seq, emoji: Emoji, on: z.boolean() }),
    response: Message,
  },
  sendSystemMessage: {
    method: 'POST',
    path: '/v1/rooms/:roomId/system-messages',
    auth: 'server',
    tag: 'messages',
    summary: 'A message from nobody, which counts for nobody. Repeated with its clientId it is the same one.',
    params: RoomParams,
    body: z.object({ text: z.string(), type: MessageType.optional(), clientId: ClientId.optional() }),
    response: Message,
    status: 201,
  },
} as const satisfies Record<string, Endpoint>
