import {
  type Change,
  type ClientEventName,
  type ClientEventPayload,
  type ClientEventResult,
  clientEvents,
  parseRequest,
  RequestError,
  type RoomId,
} from '@tally/protocol'
import { closeRoom } from '../../actions/close-room.ts'
import { deleteMessage } from '../../actions/delete-message.ts'
import { editMessage } from '../../actions/edit-message.ts'
import { markRead } from '../../actions/mark-read.ts'
import { markUnread } from '../../actions/mark-unread.ts'
import { react } from '../../actions/react.ts'
import { readBadge } from '../../actions/read-badge.ts'
import { sendMessage } from '../../actions/send-message.ts'
import { setTyping } from '../../actions/set-typing.ts'
import { setVisibility } from '../../actions/set-visibility.ts'
import { sync } from '../../actions/sync.ts'
import { joinRoom } from './join-room.ts'
import { announceVisit } from './room-visits.ts'
import type { Session } from './session.ts'
import { wireBadge, wireMessage } from './wire-shapes.ts'

type HandledEvent = Exclude<ClientEventName, 'authenticate'>

type Handlers = {
  [E in HandledEvent]: (session: Session, payload: ClientEventPayload<E>) => Promise<ClientEventResult<E>>
}

/**
 * What each event of an authenticated session does. Everything up to the first `await` of a handler happens in the order
 * in which the events arrived; what has to wait for earlier events of the same room says so with `session.order`.
 */
const handlers: Handlers = {
  'join-room': (session, payload) => joinRoom(session, payload),

  'leave-room': (session, { roomId }) => {
    const { services, order, caller } = session
    const subscription = session.rooms.get(roomId)
    const confirmed = subscription?.confirm(services.nowMs())
    // At once, not in order: what comes from now on an app would put on the screen it shows next.
    subscription?.end('left')
    session.rooms.delete(roomId)
    return order.alone(roomId, async () => {
      if (subscription === undefined) return {}
      await closeRoom(services.ctx, caller, { roomId, ...(confirmed === undefined ? {} : { confirmed }) })
      session.badges.releaseRows()
      announceVisit(session, 'user-left', roomId)
      return {}
    })
  },

  'send-message': (session, { roomId, message, messageType, clientId, replyTo }) => {
    const { services, order, caller } = session
    const receivedAtMs = performance.now()
    confirmByWriting(session, roomId)
    return order.besideOthers(roomId, async () => {
      const stored = await sendMessage(services.ctx, caller, {
        roomId,
        text: message,
        receivedAtMs,
        ...(messageType === undefined ? {} : { type: messageType }),
        ...(clientId === undefined ? {} : { clientId }),
        ...(replyTo === undefined ? {} : { replyTo }),
      })
      return { message: wireMessage(stored, caller.userId) }
    })
  },

  'mark-read': (session, { roomId, upToSeq, readEpoch }) =>
    session.order.alone(LANES.reading(roomId), () =>
      markRead(session.services.ctx, session.caller, {
        roomId,
        ...(upToSeq === undefined ? {} : { upToSeq }),
        ...(readEpoch === undefined ? {} : { readEpoch }),
      }),
    ),

  'mark-unread': (session, { roomId, fromSeq }) =>
    session.order.alone(LANES.reading(roomId), () =>
      markUnread(session.services.ctx, session.caller, { roomId, fromSeq }),
    ),

  visibility: (session, { visible }) =>
    session.order.alone(LANES.device, async () => {
      await setVisibility(session.services.ctx, session.caller, { visible })
      session.badges.releaseRows()
      return {}
    }),

  'edit-message': (session, { roomId, seq, message }) =>
    session.order.alone(LANES.changing(roomId), async () => {
      const edited = await editMessage(session.services.ctx, session.caller, { roomId, seq, text: message })
      return { roomId, seq, change: edited.change as Change }
    }),

  'delete-message': (session, { roomId, seq }) =>
    session.order.alone(LANES.changing(roomId), async () => {
      const deleted = await deleteMessage(session.services.ctx, session.caller, { roomId, seq })
      return { roomId, seq, change: deleted.change as Change }
    }),

  react: (session, { roomId, seq, emoji, on }) =>
    session.order.alone(LANES.changing(roomId), async () => {
      const reacted = await react(session.services.ctx, session.caller, { roomId, seq, emoji, on })
      return { roomId, seq, change: reacted.change as Change }
    }),

  typing: (session, { roomId, typing }) =>
    session.order.alone(LANES.typing(roomId), async () => {
      await setTyping(session.services.ctx, session.caller, { roomId, typing })
      return {}
    }),

  'request-unread-count-sync': async (session) => {
    const { total, ...badge } = await readBadge(session.services.ctx, session.caller)
    // A guess would be worse than what the app shows already.
    if (total === null) throw new RequestError('unavailable', { retryAfterMs: 1_000 })
    return wireBadge(session.badges.answer({ ...badge, total }))
  },

  sync: (session, payload) => sync(session.services.ctx, session.caller, payload),
}

/**
 * Keys of `session.order` beside the room ids themselves, on which joining, sending and leaving take their order. No
 * room id contains a line break. Reading has a lane of its own: a confirmation must not hold up what is being written.
 */
const LANES = {
  device: '\n',
  reading: (roomId: RoomId) => `\nreading ${roomId}`,
  changing: (roomId: RoomId) => `\nchanging ${roomId}`,
  typing: (roomId: RoomId) => `\ntyping ${roomId}`,
}

/** Whoever writes into a room has seen what was on the screen a round trip earlier. */
function confirmByWriting(session: Session, roomId: RoomId): void {
  const { ctx, nowMs } = session.services
  const confirmed = session.rooms.get(roomId)?.confirm(nowMs())
  if (confirmed === undefined) return
  markRead(ctx, session.caller, { roomId, ...confirmed }).catch((error: unknown) => {
    ctx.log.warn({ err: error }, 'a reading that a message confirmed could not be stored')
  })
}

/** @throws RequestError, or whatever failed. */
export function handleEvent<E extends HandledEvent>(
  session: Session,
  name: E,
  payload: unknown,
): Promise<ClientEventResult<E>> {
  const parsed = parseRequest(clientEvents[name].payload, payload) as ClientEventPayload<E>
  return handlers[name](session, parsed)
}
