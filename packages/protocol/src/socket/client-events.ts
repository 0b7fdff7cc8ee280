import { z } from 'zod'
import type { ErrorDetail } from '../error-detail.ts'
import { ReadState } from '../member.ts'
import { SyncAnswer, SyncPayload } from '../sync.ts'
import { AuthenticatePayload, AuthenticateResult, VisibilityPayload } from './connection-events.ts'
import {
  DeleteMessagePayload,
  EditMessagePayload,
  MessageChangeResult,
  ReactPayload,
  SendMessagePayload,
  SendMessageResult,
} from './message-events.ts'
import {
  JoinRoomPayload,
  JoinRoomResult,
  LeaveRoomPayload,
  MarkDeliveredPayload,
  MarkReadPayload,
  MarkUnreadPayload,
  TypingPayload,
} from './room-events.ts'
import { WireBadge } from './wire-badge.ts'

type ClientEvent = { readonly payload: z.ZodType; readonly result: z.ZodType }

const nothing = z.object({})
// An installed app may send anything beside an event that needs nothing, or nothing at all.
const ignored = z.unknown().transform(() => undefined)

/** Client → server: what each event carries, and what a positive acknowledgement carries beside `ok: true`. */
export const clientEvents = {
  authenticate: { payload: AuthenticatePayload, result: AuthenticateResult },
  'join-room': { payload: JoinRoomPayload, result: JoinRoomResult },
  'leave-room': { payload: LeaveRoomPayload, result: nothing },
  'send-message': { payload: SendMessagePayload, result: SendMessageResult },
  'mark-read': { payload: MarkReadPayload, result: ReadState },
  'mark-unread': { payload: MarkUnreadPayload, result: ReadState },
  'mark-delivered': { payload: MarkDeliveredPayload, result: nothing },
  visibility: { payload: VisibilityPayload, result: nothing },
  'edit-message': { payload: EditMessagePayload, result: MessageChangeResult },
  'delete-message': { payload: DeleteMessagePayload, result: MessageChangeResult },
  react: { payload: ReactPayload, result: MessageChangeResult },
  typing: { payload: TypingPayload, result: nothing },
  'request-unread-count-sync': { payload: ignored, result: WireBadge },
  sync: { payload: SyncPayload, result: SyncAnswer },
} as const satisfies Record<string, ClientEvent>

/** The events a client may send. */
export type ClientEventName = keyof typeof clientEvents
/** What a client sends. */
export type ClientEventInput<E extends ClientEventName> = z.input<(typeof clientEvents)[E]['payload']>
/** What a handler gets after parsing. */
export type ClientEventPayload<E extends ClientEventName> = z.output<(typeof clientEvents)[E]['payload']>
/** What a positive acknowledgement carries. */
export type ClientEventResult<E extends ClientEventName> = z.output<(typeof clientEvents)[E]['result']>

/** The answer to an event: its result, or a refusal. */
export type Ack<E extends ClientEventName> =
  | ({ ok: true } & ClientEventResult<E>)
  | { ok: false; error: ErrorDetail }

/**
 * The type parameter of a Socket.IO client. The acknowledgement is required here because our own client always asks
 * for one; a server must expect clients that do not, and payloads that are anything.
 */
export type ClientToServerEvents = {
  [E in ClientEventName]: E extends 'request-unread-count-sync'
    ? (acknowledge: (ack: Ack<E>) => void) => void
    : (payload: ClientEventInput<E>, acknowledge: (ack: Ack<E>) => void) => void
}

/** Whether an event is one of ours; `Object.prototype`'s names are not. */
export function isClientEventName(name: string): name is ClientEventName {
  return Object.hasOwn(clientEvents, name)
}
