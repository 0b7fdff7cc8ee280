import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

/**
 * Where an event or an answer stands in what was read: the JSON list from its opening bracket on. Only to be looked at
 * inside the call: the bytes are overwritten by the next read.
 */
export type Frame = { bytes: Buffer; from: number; to: number }

export type WireSocketOptions = {
  url: string
  token: string
  onEvent: (frame: Frame) => void
  /** The connection ended, and not by `close`. */
  onLost?: (why: string) => void
}

const OPEN_DEADLINE_MS = 60_000
/** All connections of a process read into the same memory: nothing of it is kept from one read to the next. */
const READ_BYTES = 262_144
let readBuffer: Buffer | undefined

/**
 * A client of Socket.IO over a websocket that does no more than a load needs: it knows the few bytes at the front of a
 * frame and leaves the rest unparsed. A load shares its machine with what it measures, and this costs half the processor
 * time of `socket.io-client`.
 */
export class WireSocket {
  /** Bytes that came, framing included. */
  receivedBytes = 0
  readonly #options: WireSocketOptions
  readonly #socket: Socket
  readonly #answers = new Map<number, (frame: Frame) => void>()
  readonly #opened = Promise.withResolvers<WireSocket>()
  /** Those who would wait for ever if the connection ended. */
  readonly #asking = new Set<(error: Error) => void>()
  #nextAnswer = 0
  #isUpgraded = false
  #isClosed = false
  /** The beginning of a frame whose end has not come yet. */
  #rest: Buffer | undefined

  private constructor(options: WireSocketOptions) {
    this.#options = options
    const { hostname, port } = new URL(options.url)
    readBuffer ??= Buffer.allocUnsafe(READ_BYTES)
    this.#socket = connect({
      host: hostname,
      port: Number(port),
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (count, buffer) => {
          this.#read(Buffer.from(buffer.buffer, buffer.byteOffset, count))
          return true
        },
      },
    })
    this.#socket.on('error', (error) => this.#lost(error.message))
    this.#socket.on('close', () => this.#lost('the server closed the connection'))
    this.#socket.on('connect', () => this.#socket.write(upgradeRequest(`${hostname}:${port}`)))
  }

  /** Connects as an installed app does. @returns a connection whose server knows who it is. */
  static async open(options: WireSocketOptions): Promise<WireSocket> {
    const wire = new WireSocket(options)
    const timer = setTimeout(() => wire.#lost('the server took too long'), OPEN_DEADLINE_MS)
    try {
      return await wire.#opened.promise
    } finally {
      clearTimeout(timer)
    }
  }

  /** @param answered told the answer: a list of one object. */
  request(event: string, payload: unknown, answered: (frame: Frame) => void): void {
    const id = this.#nextAnswer++
    this.#answers.set(id, answered)
    this.#write(`42${id}${JSON.stringify([event, payload])}`)
  }

  /**
   * The same for who waits for the answer and wants to read it.
   * @throws Error when the connection ends before it comes.
   */
  ask<T>(event: string, payload: unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#asking.add(reject)
      this.request(event, payload, ({ bytes, from, to }) => {
        this.#asking.delete(reject)
        resolve((JSON.parse(bytes.toString('utf8', from, to)) as [T])[0])
      })
    })
  }

  /** Nobody reads this connection from now on; the server cannot know that. */
  pause(): void {
    this.#socket.pause()
  }

  close(): void {
    this.#isClosed = true
    this.#socket.destroy()
    for (const reject of this.#asking) reject(new Error('the connection ended'))
    this.#asking.clear()
  }

  #lost(why: string): void {
    if (this.#isClosed) return
    this.close()
    this.#opened.reject(new Error(why))
    this.#options.onLost?.(why)
  }

  #read(chunk: Buffer): void {
    this.receivedBytes += chunk.length
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = undefined
    let at = 0
    if (!this.#isUpgraded) {
      const end = bytes.indexOf('\r\n\r\n')
      if (end >= 0) {
        at = end + 4
        this.#isUpgraded = bytes.toString('latin1', 9, 12) === '101'
        if (!this.#isUpgraded) this.#lost(`no websocket: ${bytes.toString('latin1', 0, end)}`)
      }
    }
    while (this.#isUpgraded) {
      const frame = nextFrame(bytes, at)
      if (frame === undefined) break
      at = frame.to
      this.#packet(frame)
    }
    if (at < bytes.length) this.#rest = Buffer.from(bytes.subarray(at))
  }

  /** One packet of Engine.IO: its type is its first character, and that of Socket.IO within a message the second. */
  #packet({ bytes, from, to }: Frame): void {
    const [engine, packet] = [bytes[from], bytes[from + 1]]
    if (engine === CHARACTER.open) this.#write('40')
    else if (engine === CHARACTER.ping) this.#write('3')
    else if (engine !== CHARACTER.message) return
    else if (packet === CHARACTER.connected)
      this.#write(`42${JSON.stringify(['authenticate', this.#options.token])}`)
    else if (packet === CHARACTER.event) this.#event({ bytes, from: from + 2, to })
    else if (packet === CHARACTER.answer) this.#answer({ bytes, from: from + 2, to })
  }

  #event(frame: Frame): void {
    if (isEvent(frame, AUTHENTICATED)) this.#opened.resolve(this)
    else if (isEvent(frame, AUTH_ERROR)) this.#lost(frame.bytes.toString('utf8', frame.from, frame.to))
    else this.#options.onEvent(frame)
  }

  #answer({ bytes, from, to }: Frame): void {
    let [id, at] = [0, from]
    for (; isDigit(bytes[at]); at += 1) id = id * 10 + (bytes[at] ?? 0) - CHARACTER.zero
    const answered = this.#answers.get(id)
    this.#answers.delete(id)
    answered?.({ bytes, from: at, to })
  }

  #write(text: string): void {
    const length = Buffer.byteLength(text)
    const header = length < 126 ? 6 : 8
    const frame = Buffer.allocUnsafe(header + length)
    frame[0] = FINAL_TEXT
    if (length < 126) frame[1] = MASKED | length
    else {
      frame[1] = MASKED | 126
      frame.writeUInt16BE(length, 2)
    }
    // A mask of zeros is a mask like any other: the server unmasks as always, and nothing has to be masked here.
    frame.fill(0, header - 4, header)
    frame.write(text, header)
    this.#socket.write(frame)
  }
}

const FINAL_TEXT = 0x81
const MASKED = 0x80
const CHARACTER = {
  open: 0x30,
  ping: 0x32,
  message: 0x34,
  connected: 0x30,
  event: 0x32,
  answer: 0x33,
  zero: 0x30,
}
const AUTHENTICATED = eventName('authenticated')
const AUTH_ERROR = eventName('auth-error')

/** The first bytes of an event of this name. */
export function eventName(name: string): Buffer {
  return Buffer.from(`["${name}"`)
}

/** @param name made by `eventName`. */
export function isEvent({ bytes, from }: Frame, name: Buffer): boolean {
  // The last letters first: names begin alike more often than they end alike.
  for (let index = name.length - 1; index >= 2; index -= 1) {
    if (bytes[from + index] !== name[index]) return false
  }
  return true
}

/** @param key with quotes and colon, as it stands before the number. @returns undefined where there is none. */
export function numberAt({ bytes, from, to }: Frame, key: Buffer): number | undefined {
  const found = bytes.indexOf(key, from)
  if (found < 0 || found >= to) return undefined
  let [value, at] = [0, found + key.length]
  for (; isDigit(bytes[at]); at += 1) value = value * 10 + (bytes[at] ?? 0) - CHARACTER.zero
  return value
}

/** @param key with quotes and colon; what stands behind it is a text without quotes in it. */
export function textAt({ bytes, from, to }: Frame, key: Buffer): string | undefined {
  const found = bytes.indexOf(key, from)
  if (found < 0 || found >= to) return undefined
  const start = found + key.length + 1
  return bytes.toString('utf8', start, bytes.indexOf(QUOTE, start))
}

const QUOTE = 0x22
const OK = Buffer.from('"ok":true')

/** Whether an answer says that what was asked for was done. */
export function isOk({ bytes, from, to }: Frame): boolean {
  const found = bytes.indexOf(OK, from)
  return found >= 0 && found < to
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

/** Frames of a server are neither masked nor, in Socket.IO, ever split. */
function nextFrame(bytes: Buffer, at: number): Frame | undefined {
  if (at + 2 > bytes.length) return undefined
  let length = (bytes[at + 1] ?? 0) & 0x7f
  let header = 2
  if (length === 126) {
    if (at + 4 > bytes.length) return undefined
    length = bytes.readUInt16BE(at + 2)
    header = 4
  } else if (length === 127) {
    if (at + 10 > bytes.length) return undefined
    length = Number(bytes.readBigUInt64BE(at + 2))
    header = 10
  }
  const from = at + header
  return from + length > bytes.length ? undefined : { bytes, from, to: from + length }
}

function upgradeRequest(host: string): string {
  const lines = [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}
