import type { ServerEventName, ServerEventPayload, UserId } from '@tally/protocol'
import { isAsSent, messageNow } from '../../actions/message-events.ts'
import type { RoomEvent } from '../../bus/frames.ts'
import type { StoredMessage } from '../../core/committed.ts'
import { wireMessage } from './wire-shapes.ts'

/** A Socket.IO event packet of the main namespace, encoded: the same one goes to however many sockets. */
export class Packet {
  readonly text: string
  #frame: Buffer | undefined

  constructor(text: string) {
    this.text = text
  }

  /** As it goes over a websocket. */
  get frame(): Buffer {
    this.#frame ??= frameOf(this.text)
    return this.#frame
  }
}

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
  #now: Packet | undefined

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

  /** Whether nothing became of it between its sending and its telling. */
  get isAsSent(): boolean {
    return isAsSent(this.#message)
  }

  /** What became of it since it was sent. */
  get becoming(): RoomEvent {
    return messageNow(this.#message)
  }

  /** The same for screens that may have it as it was sent. */
  get now(): Packet {
    if (this.#now === undefined) {
      const { event, payload } = this.becoming
      this.#now = encodeFrame(event, payload)
    }
    return this.#now
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
  return new Packet(`2["${event}",${JSON.stringify(payload)}]`)
}

// RFC 6455, 5.2: the last (and only) frame of a text, in the three sizes that a server's frame has.
const FINAL_TEXT = 0x81
const SHORT_BYTES_MAX = 125
const MEDIUM_BYTES_MAX = 65_535
const MEDIUM = 126
const LONG = 127
/** Engine.IO protocol 4: a message. */
const MESSAGE = 0x34

/** A packet of Socket.IO as a websocket carries it: a message of Engine.IO in a frame of its own, never masked. */
export function frameOf(text: string): Buffer {
  const length = Buffer.byteLength(text) + 1
  const headerLength = length <= SHORT_BYTES_MAX ? 2 : length <= MEDIUM_BYTES_MAX ? 4 : 10
  const frame = Buffer.allocUnsafe(headerLength + length)
  frame[0] = FINAL_TEXT
  if (headerLength === 2) {
    frame[1] = length
  } else if (headerLength === 4) {
    frame[1] = MEDIUM
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = LONG
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame[headerLength] = MESSAGE
  frame.write(text, headerLength + 1)
  return frame
}
