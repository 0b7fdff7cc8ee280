import {
  isErrorCode,
  RequestError,
  type RoomId,
  type Seq,
  type ServerEventName,
  type ServerEventPayload,
  type Timing,
  wordsOf,
} from '@tally/protocol'
import type { Connection } from './connection.ts'
import { registerOfWire } from './message-register.ts'
import type { RoomChannel } from './room-channel.ts'
import type { RoomLoader } from './room-loader.ts'
import type { SendQueue } from './send-queue.ts'
import type { Stores } from './stores.ts'

/** A row of the room list came: what a page needs to show how long a badge took. */
export type BadgeTrace = {
  roomId: RoomId
  /** Of the room's last message, when the frame names it. */
  seq: Seq | undefined
  /** Where the time went on the server; there when a message caused the frame. */
  timing: Timing | undefined
  /** When it came, by the client's monotonic clock (`performance.now` unless another was given). */
  receivedAtMs: number
}

export type FrameHandlersOptions = {
  connection: Connection
  stores: Stores
  roomLoader: RoomLoader
  queue: SendQueue
  /** The room's channel, if anybody ever opened it. */
  channel: (roomId: RoomId) => RoomChannel | undefined
  onBadgeTrace: (trace: BadgeTrace) => void
  nowMs: () => number
}

/** Said by acknowledgements too, which is where they are heard; and who looks at a room right now, which nothing here shows. */
type Unheard = 'authenticated' | 'joined-room' | 'error' | 'user-joined' | 'user-left'

export type FrameHandlers = {
  readonly [E in Exclude<ServerEventName, Unheard>]: (payload: ServerEventPayload<E>) => void
}

/** What each frame of the server changes here. */
export function frameHandlers(options: FrameHandlersOptions): FrameHandlers {
  const { stores, connection, channel } = options
  return {
    ...messageHandlers(options),
    ...badgeHandlers(options),
    'read-receipt': (receipt) => stores.rooms.applyReceipt(receipt),
    'delivery-receipt': (receipt) => stores.rooms.applyReceipt(receipt),
    'member-left': (gone) => {
      stores.rooms.applyLeft(gone)
      channel(gone.roomId)?.roomChanged(gone)
    },
    'profile-changed': (profile) => stores.rooms.applyProfile(profile),
    'room-changed': (room) => channel(room.roomId)?.roomChanged(room),
    typing: (signal) => stores.typing.set(signal),
    presence: (state) => stores.presence.apply(state),
    notification: (entry) => stores.notifications.apply(entry),
    'feed-state': (state) => stores.notifications.agreeOn(state),
    'auth-error': ({ code, message }) =>
      connection.unauthorized(new RequestError(isErrorCode(code) ? code : 'unauthorized', { message })),
    'force-disconnect': ({ reason }) =>
      connection.dispatch({ kind: 'ended', problem: { code: reason, message: wordsOf(reason) } }),
    'server-draining': ({ reconnectInMs }) => connection.dispatch({ kind: 'draining', reconnectInMs }),
  }
}

/** Applies a frame. A newer server may send frames that this client does not know yet. */
export function handleFrame<E extends ServerEventName>(
  handlers: FrameHandlers,
  event: E,
  payload: ServerEventPayload<E>,
): void {
  const all: Partial<Record<ServerEventName, (payload: never) => void>> = handlers
  if (Object.hasOwn(all, event)) all[event]?.(payload as never)
}

type MessageFrames = 'new-message' | 'message-updated' | 'message-deleted'

function messageHandlers({
  stores,
  queue,
  channel,
}: FrameHandlersOptions): Pick<FrameHandlers, MessageFrames> {
  const { rooms, typing } = stores
  const changed = (roomId: RoomId, seq: Seq): void => {
    const message = channel(roomId)?.log.get(seq)
    if (message !== undefined) rooms.applyMessage(message)
    channel(roomId)?.changed()
  }
  return {
    'new-message': (wire) => {
      const register = registerOfWire(wire)
      const { message } = register
      const { roomId, senderId } = message
      channel(roomId)?.log.applyMessage(register)
      rooms.applyMessage(message)
      queue.arrived(message)
      if (senderId !== null) typing.set({ roomId, userId: senderId, typing: false })
      channel(roomId)?.changed()
    },
    'message-updated': (update) => {
      channel(update.room_id)?.log.applyUpdate(update)
      changed(update.room_id, update.seq)
    },
    'message-deleted': (deletion) => {
      channel(deletion.room_id)?.log.applyDeletion(deletion)
      changed(deletion.room_id, deletion.seq)
    },
  }
}

type BadgeFrames = 'chat-room-updated' | 'total-unread-count-updated'

function badgeHandlers(options: FrameHandlersOptions): Pick<FrameHandlers, BadgeFrames> {
  const { stores, roomLoader, channel, onBadgeTrace, nowMs } = options
  return {
    'chat-room-updated': (frame) => {
      const { roomId, last_message_seq: seq, timing, change } = frame
      const receivedAtMs = nowMs()
      const stamp = stores.clock.stamp(frame.rev)
      if (!stores.rooms.applyFrame(frame, stamp)) roomLoader.applyUnknown(frame, stamp)
      channel(roomId)?.rowCame(change)
      onBadgeTrace({ roomId, seq, receivedAtMs, timing })
    },
    'total-unread-count-updated': (wire) => {
      stores.badge.applyWire(wire)
      const badge = stores.badge.value.get()
      if (badge !== null) stores.notifications.agreeWith(badge.notifications)
    },
  }
}
