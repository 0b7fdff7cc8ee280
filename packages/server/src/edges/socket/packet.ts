import type { ServerEventName, ServerEventPayload, UserId } from '@tally/protocol'
import type { StoredMessage } from '../../core/committed.ts'
import { wireMessage } from './wire-shapes.ts'

declare const packet: unique symbol

/** A Socket.IO event packet of the main namespace, encoded: the same one goes to however many sockets. */
export type Packet = string & { readonly [packet]: true }

/** Encodes an event once; `socket.emit` would stringify it anew for each socket, which costs as much as the write. */
export function encodePacket<E extends ServerEventName>(event: E, payload: ServerEventPayload<E>): Packet {
  return encode(event, payload)
}

/** The same for what a frame carries: whoever made the frame shaped the payload. */
export function encodeFrame(event: ServerEventName, payload: Record<string, unknown>): Packet {
  return encode(event, payload)
}

/** A new message for everybody who gets it. Its sender's devices get the `client_id` too, so there are two at most. */
export class MessagePackets {
  readonly #message: StoredMessage
  #own: Packet | undefined
  #others: Packet | undefined

  constructor(message: StoredMessage) {
    this.#message = message
  }

  get seq(): number {
    return this.#message.seq
  }

  get change(): number {
    return this.#message.change
  }

  /** Read from the database after it was deleted: it keeps its place, and there is nothing to put on a screen. */
  get isDeleted(): boolean {
    return this.#message.deletedAt !== undefined
  }

  for(viewer: UserId): Packet {
    if (viewer === this.#message.senderId) {
      this.#own ??= encode('new-message', wireMessage(this.#message, viewer))
      return this.#own
    }
    this.#others ??= encode('new-message', wireMessage(this.#message, viewer))
    return this.#others
  }
}

// Socket.IO protocol 5: type 2 (EVENT), no namespace, no acknowledgement id.
function encode(event: ServerEventName, payload: object): Packet {
  return `2${JSON.stringify([event, payload])}` as Packet
}
