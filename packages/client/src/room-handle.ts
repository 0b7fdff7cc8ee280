import {
  type Attachment,
  type ClientId,
  type Emoji,
  isStorable,
  type Message,
  RequestError,
  type RoomId,
  type Seq,
} from '@tally/protocol'
import type { Delivery } from './delivery.ts'
import type { HttpApi } from './http-api.ts'
import { registerOf } from './message-register.ts'
import type { MessageList } from './message-state.ts'
import type { PendingMessage } from './pending-message.ts'
import type { Readable } from './readable.ts'
import { reportBug } from './report-bug.ts'
import type { RoomChannel } from './room-channel.ts'
import type { RoomLoader } from './room-loader.ts'
import type { RoomState } from './room-row.ts'
import type { Stores } from './stores.ts'

/** One room: what is said there, and what can be done. Every promise rejects with a `RequestError` when refused. */
export interface RoomHandle {
  readonly roomId: RoomId
  /** The room's row; `undefined` while it is not known, or when the caller is not in it. */
  readonly state: Readable<RoomState | undefined>
  readonly messages: Readable<MessageList>
  /**
   * Somebody looks at the room: its messages are kept current, and it is left out of the person's badge on every device.
   * Nothing is read by that, see `markRead`. @returns the function that ends it.
   */
  open(): () => void
  loadBefore(): Promise<void>
  loadAfter(): Promise<void>
  /** Shows the history around a place. */
  loadAround(seq: Seq): Promise<void>
  /** Shows the end of the history, unless a place is asked for before that is there. @throws RequestError */
  loadNewest(): Promise<void>
  /**
   * Sends a message; offline ones wait and go out in order. What becomes of it shows in `messages`, which go to the end of
   * the history for it: where that cannot be loaded now, they stay where they are. With files that were uploaded for this
   * room (`uploadFile`) its text may be empty.
   * @throws RequestError `message_empty`, `message_malformed`, `limit_exceeded` (too many wait already).
   */
  send(
    text: string,
    options?: { replyTo?: Seq; type?: string; attachments?: readonly Attachment[] },
  ): PendingMessage
  /** Sends a failed message again, as `send` does. */
  retry(clientId: ClientId): void
  /** Takes a message back that was not stored. */
  discard(clientId: ClientId): void
  edit(seq: Seq, text: string): Promise<void>
  delete(seq: Seq): Promise<void>
  react(seq: Seq, emoji: Emoji, on: boolean): Promise<void>
  /** Everything up to this message was on the screen. May be called with every step of scrolling. */
  markRead(upToSeq: Seq): void
  /** Makes everything from a message on unread again, on every device; reading resumes with the next `open`. */
  markUnread(fromSeq: Seq): Promise<void>
  /** May be called with every key. */
  setTyping(typing: boolean): void
  mute(muted: boolean): Promise<void>
  archive(archived: boolean): Promise<void>
  leave(): Promise<void>
}

export type RoomHandleContext = {
  http: HttpApi
  stores: Stores
  roomLoader: RoomLoader
  delivery: Delivery
}

export function createRoomHandle(channel: RoomChannel, context: RoomHandleContext): RoomHandle {
  const { http, roomLoader, delivery } = context
  const { queue } = delivery
  const { rooms, clock } = context.stores
  const { roomId, history } = channel
  const params = { roomId }
  // The row of a room that is open here is not sent while it is, so it is asked for. What was done stays done.
  const refresh = (): Promise<void> => roomLoader.reload(roomId).catch(reportBug)
  const apply = (message: Message): void => {
    channel.log.applyMessage(registerOf(message))
    rooms.applyMessage(message)
    channel.changed()
  }

  return {
    roomId,
    state: rooms.stateOf(roomId),
    messages: channel.messages,
    open: () => channel.open(),
    loadBefore: () => history.loadBefore(),
    loadAfter: () => history.loadAfter(),
    loadAround: (seq) => history.loadAround(seq),
    loadNewest: () => history.loadNewest(),
    send: (written, { replyTo, type, attachments } = {}) => {
      const text = written.trim()
      if (text === '' && attachments === undefined) throw new RequestError('message_empty')
      // How long it may be is the server's to say: its operator can change the limit.
      if (!isStorable(text)) throw new RequestError('message_malformed')
      channel.typing.set(false)
      const message = queue.add({ roomId, text, type, replyTo, attachments })
      channel.wrote()
      return message
    },
    retry: (clientId) => {
      queue.retry(roomId, clientId)
      channel.wrote()
    },
    discard: (clientId) => delivery.discard({ roomId, clientId }),
    edit: async (seq, text) =>
      apply(
        await http.call('PATCH /v1/rooms/:roomId/messages/:seq', { params: { roomId, seq }, body: { text } }),
      ),
    delete: async (seq) =>
      apply(await http.call('DELETE /v1/rooms/:roomId/messages/:seq', { params: { roomId, seq } })),
    react: async (seq, emoji, on) =>
      apply(await http.call('POST /v1/rooms/:roomId/reactions', { params, body: { seq, emoji, on } })),
    markRead: (upToSeq) => channel.reading.read(upToSeq),
    markUnread: (fromSeq) => channel.markUnread(fromSeq),
    setTyping: (typing) => channel.typing.set(typing),
    mute: async (muted) => {
      await http.call('POST /v1/rooms/:roomId/mute', { params, body: { muted } })
      await refresh()
    },
    archive: async (archived) => {
      await http.call('POST /v1/rooms/:roomId/archive', { params, body: { archived } })
      await refresh()
    },
    leave: async () => {
      const stamp = clock.stampOfRequest()
      await http.call('DELETE /v1/rooms/:roomId/members/:userId', { params: { roomId, userId: 'me' } })
      rooms.remove(roomId, stamp)
    },
  }
}
