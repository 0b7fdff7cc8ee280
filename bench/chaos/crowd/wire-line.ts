import { eventName, type Frame, isEvent, numberAt, textAt, WireSocket } from '../../src/wire/wire-socket.ts'
import { ACK_DEADLINE_MS, type Ack, type Line, type LineEvents, type LineOptions } from './line.ts'
import { Refused } from './outbox.ts'

const ROW = eventName('chat-room-updated')
const TOTAL = eventName('total-unread-count-updated')
const JOINED = eventName('joined-room')
const MESSAGE = eventName('new-message')
const KEY = {
  roomId: Buffer.from('"roomId":'),
  unread: Buffer.from('"unread_count":'),
  rev: Buffer.from('"rev":'),
  lastSeq: Buffer.from('"last_message_seq":'),
  total: Buffer.from('"totalUnreadCount":'),
  messageRoom: Buffer.from('"room_id":'),
  seq: Buffer.from('"seq":'),
}
const RETRY_MS = { least: 250, most: 4_000 }

/** The same bytes as an installed app's, for a small part of its processor time: thousands fit beside what they look at. */
export class WireLine implements Line {
  readonly #options: LineOptions
  #wire: WireSocket | undefined
  #failures = 0
  #isEnded = false

  constructor(options: LineOptions) {
    this.#options = options
  }

  get isUp(): boolean {
    return this.#wire !== undefined
  }

  connect(): void {
    const { firstUrl, url } = this.#options
    void this.#connect(firstUrl ?? url)
  }

  tell(event: string, payload: object): void {
    this.#wire?.request(event, payload, () => {})
  }

  async ask<T>(event: string, payload: object): Promise<T> {
    if (this.#wire === undefined) throw new Error('not connected')
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => reject(new Error(`no answer within ${ACK_DEADLINE_MS} ms`)),
      ACK_DEADLINE_MS,
    )
    const asked = this.#wire.ask<Ack>(event, payload)
    const answer = await Promise.race([asked, late]).finally(() => clearTimeout(timer))
    if (!answer.ok) throw new Refused(answer.error?.code ?? 'unknown')
    return answer as T
  }

  end(): void {
    this.#isEnded = true
    this.#wire?.close()
  }

  async #connect(url: string): Promise<void> {
    const { token, events } = this.#options
    let isLost = false
    const onLost = (): void => {
      isLost = true
      if (this.#wire !== undefined) this.#lost()
    }
    try {
      const wire = await WireSocket.open({ url, token, onEvent: (frame) => hear(frame, events), onLost })
      if (isLost) throw new Error('it broke as soon as it was there')
      this.#wire = wire
      this.#failures = 0
      events.onSignedIn()
    } catch {
      this.#connectLater()
    }
  }

  #lost(): void {
    this.#wire = undefined
    this.#options.events.onLost()
    this.#connectLater()
  }

  #connectLater(): void {
    if (this.#isEnded) return
    const longestMs = Math.min(RETRY_MS.most, RETRY_MS.least * 2 ** this.#failures)
    this.#failures += 1
    setTimeout(() => void this.#connect(this.#options.url), longestMs * (0.5 + this.#options.random() / 2))
  }
}

function hear(frame: Frame, events: LineEvents): void {
  if (isEvent(frame, ROW)) {
    events.onRow({
      roomId: textAt(frame, KEY.roomId) ?? '',
      unread: numberAt(frame, KEY.unread) ?? 0,
      rev: numberAt(frame, KEY.rev) ?? 0,
      seq: numberAt(frame, KEY.lastSeq) ?? 0,
    })
  } else if (isEvent(frame, TOTAL)) {
    events.onTotal({ value: numberAt(frame, KEY.total) ?? 0, rev: numberAt(frame, KEY.rev) ?? 0 })
  } else if (isEvent(frame, JOINED)) {
    events.onJoined({ roomId: textAt(frame, KEY.roomId) ?? '', seq: numberAt(frame, KEY.seq) ?? 0 })
  } else if (isEvent(frame, MESSAGE)) {
    events.onMessage({ roomId: textAt(frame, KEY.messageRoom) ?? '', seq: numberAt(frame, KEY.seq) ?? 0 })
  }
}
