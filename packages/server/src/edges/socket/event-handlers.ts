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
import { markDelivered } from '../../actions/mark-delivered.ts'
import { markRead, read } from '../../actions/mark-read.ts'
import { markUnread } from '../../actions/mark-unread.ts'
import { react } from '../../actions/react.ts'
import { readToldBadge } from '../../actions/read-badge.ts'
import { sendMessage } from '../../actions/send-message.ts'
import { setTyping } from '../../actions/set-typing.ts'
import { setVisibility } from '../../actions/set-visibility.ts'
import { sync } from '../../actions/sync.ts'
import { joinRoom } from './join-room.ts'
import { announceVisit } from './room-visits.ts'
import type { SignedInDevice } from './signed-in-device.ts'
import type { SocketServices } from './socket-services.ts'
import { wireBadge, wireMessage } from './wire-shapes.ts'

type HandledEvent = Exclude<ClientEventName, 'authenticate'>

type Handlers = {
  [E in HandledEvent]: (
    services: SocketServices,
    device: SignedInDevice,
    payload: ClientEventPayload<E>,
  ) => Promise<ClientEventResult<E>>
}

/**
 * What each event of a signed-in device does. Everything up to the first `await` of a handler happens in the order in
 * which the events arrived; what has to wait for earlier events of the same room says so with `device.order`.
 */
const handlers: Handlers = {
  'join-room': joinRoom,

  'leave-room': (services, device, { roomId }) => {
    const subscription = device.rooms.get(roomId)
    const confirmed = subscription?.confirm(services.nowMs())
    // At once, not in order: what comes from now on an app would put on the screen it shows next.
    subscription?.end('left')
    device.rooms.delete(roomId)
    return device.order.alone(roomId, async () => {
      // Of a joining that came before this and had to wait for its turn.
      const late = device.rooms.get(roomId)
      late?.end('left')
      device.rooms.delete(roomId)
      if (subscription === undefined && late === undefined) return {}
      await closeRoom(services.ctx, device.caller, {
        roomId,
        ...(confirmed === undefined ? {} : { confirmed }),
      }).finally(() => device.badges.releaseRows())
      announceVisit(services, device, { event: 'user-left', roomId })
      return {}
    })
  },

  'send-message': (services, device, { roomId, message, messageType, clientId, replyTo, attachments }) => {
    const receivedAtMs = performance.now()
    confirmByWriting(services, device, roomId)
    return device.order.besideOthers(roomId, async () => {
      const stored = await sendMessage(services.ctx, device.caller, {
        roomId,
        text: message,
        receivedAtMs,
        ...(messageType === undefined ? {} : { type: messageType }),
        ...(clientId === undefined ? {} : { clientId }),
        ...(replyTo === undefined ? {} : { replyTo }),
        ...(attachments === undefined ? {} : { attachments }),
      })
      return { message: wireMessage(stored, device.person.userId) }
    })
  },

  'mark-read': ({ ctx }, device, { roomId, upToSeq, readEpoch }) =>
    device.order.alone(LANES.reading(roomId), () =>
      markRead(ctx, device.caller, {
        roomId,
        ...(upToSeq === undefined ? {} : { upToSeq }),
        ...(readEpoch === undefined ? {} : { readEpoch }),
      }),
    ),

  'mark-unread': ({ ctx }, device, { roomId, fromSeq }) =>
    device.order.alone(LANES.reading(roomId), () => markUnread(ctx, device.caller, { roomId, fromSeq })),

  // Of registers that only rise: no order is needed.
  'mark-delivered': async ({ ctx }, device, delivered) => {
    await markDelivered(ctx, device.caller, delivered)
    return {}
  },

  visibility: ({ ctx }, device, { visible }) =>
    device.order.alone(LANES.device, async () => {
      await setVisibility(ctx, device.caller, { visible })
      device.badges.releaseRows()
      return {}
    }),

  'edit-message': ({ ctx }, device, { roomId, seq, message }) =>
    device.order.alone(LANES.changing(roomId), async () => {
      const edited = await editMessage(ctx, device.caller, { roomId, seq, text: message })
      return { roomId, seq, change: edited.change as Change }
    }),

  'delete-message': ({ ctx }, device, { roomId, seq }) =>
    device.order.alone(LANES.changing(roomId), async () => {
      const deleted = await deleteMessage(ctx, device.caller, { roomId, seq })
      return { roomId, seq, change: deleted.change as Change }
    }),

  react: ({ ctx }, device, { roomId, seq, emoji, on }) =>
    device.order.alone(LANES.changing(roomId), async () => {
      const reacted = await react(ctx, device.caller, { roomId, seq, emoji, on })
      return { roomId, seq, change: reacted.change as Change }
    }),

  typing: ({ ctx }, device, { roomId, typing }) =>
    device.order.alone(LANES.typing(roomId), async () => {
      await setTyping(ctx, device.caller, { roomId, typing })
      return {}
    }),

  'request-unread-count-sync': async ({ ctx }, device) => {
    const { total, ...badge } = await readToldBadge(ctx, device.caller)
    // A guess would be worse than what the app shows already.
    if (total === null) throw new RequestError('unavailable', { retryAfterMs: 1_000 })
    return wireBadge(await device.badges.answer({ ...badge, total }))
  },

  sync: async ({ ctx }, device, payload) => {
    const answer = await sync(ctx, device.caller, payload)
    device.badges.answered(answer.badge)
    return answer
  },
}

/**
 * Keys of `device.order` beside the room ids themselves, on which joining, sending and leaving take their order. No
 * room id contains a line break. Reading has a lane of its own: a confirmation must not hold up what is being written.
 */
const LANES = {
  device: '\n',
  reading: (roomId: RoomId) => `\nreading ${roomId}`,
  changing: (roomId: RoomId) => `\nchanging ${roomId}`,
  typing: (roomId: RoomId) => `\ntyping ${roomId}`,
}

/** Whoever writes into a room has seen what was on the screen a round trip earlier. */
function confirmByWriting({ ctx, nowMs }: SocketServices, device: SignedInDevice, roomId: RoomId): void {
  const confirmed = device.rooms.get(roomId)?.confirm(nowMs())
  if (confirmed === undefined) return
  read(ctx, device.caller, { roomId, ...confirmed }).catch((error: unknown) => {
    ctx.log.warn({ err: error }, 'a reading that a message confirmed could not be stored')
  })
}

/** @throws RequestError, or whatever failed. */
export function handleEvent<E extends HandledEvent>(
  services: SocketServices,
  device: SignedInDevice,
  { name, payload }: { name: E; payload: unknown },
): Promise<ClientEventResult<E>> {
  const parsed = parseRequest(clientEvents[name].payload, payload) as ClientEventPayload<E>
  return handlers[name](services, device, parsed)
}
