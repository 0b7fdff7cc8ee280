import { io, type Socket } from 'socket.io-client'
import { ACK_DEADLINE_MS, type Ack, type Line, type LineOptions } from './line.ts'
import { Refused } from './outbox.ts'

/** How installed apps connect: five tries in about 15 s, then they stay dark until somebody opens them. */
const APP_RECONNECTS = { reconnectionAttempts: 5, reconnectionDelay: 1_000, reconnectionDelayMax: 5_000 }

type WireRow = { roomId: string; unread_count: number; rev?: number; last_message_seq?: number }
type WireTotal = { totalUnreadCount: number; rev?: number }

/** The bare `socket.io-client`, used as an installed app uses it. */
export class SocketIoLine implements Line {
  readonly #socket: Socket
  #isUp = false

  constructor({ url, token, events }: LineOptions) {
    const socket = io(url, {
      transports: ['websocket'],
      forceNew: true,
      autoConnect: false,
      ...APP_RECONNECTS,
    })
    this.#socket = socket
    socket.on('connect', () => socket.emit('authenticate', token))
    socket.on('authenticated', () => {
      this.#isUp = true
      events.onSignedIn()
    })
    socket.on('disconnect', (reason) => {
      this.#isUp = false
      events.onLost()
      // An app that the server sent away by name does not come back by itself.
      if (reason === 'io server disconnect') events.onGaveUp()
    })
    socket.io.on('reconnect_failed', () => events.onGaveUp())
    socket.on('chat-room-updated', ({ roomId, unread_count, rev = 0, last_message_seq = 0 }: WireRow) =>
      events.onRow({ roomId, unread: unread_count, rev, seq: last_message_seq }),
    )
    socket.on('total-unread-count-updated', ({ totalUnreadCount, rev = 0 }: WireTotal) =>
      events.onTotal({ value: totalUnreadCount, rev }),
    )
    socket.on('joined-room', ({ roomId, seq }: { roomId: string; seq: number }) =>
      events.onJoined({ roomId, seq }),
    )
    socket.on('new-message', ({ room_id, seq }: { room_id: string; seq: number }) =>
      events.onMessage({ roomId: room_id, seq }),
    )
  }

  get isUp(): boolean {
    return this.#isUp
  }

  connect(): void {
    this.#socket.connect()
  }

  tell(event: string, payload: object): void {
    this.#socket.emit(event, payload, () => {})
  }

  async ask<T>(event: string, payload: object): Promise<T> {
    const answer: Ack = await this.#socket.timeout(ACK_DEADLINE_MS).emitWithAck(event, payload)
    if (!answer.ok) throw new Refused(answer.error?.code ?? 'unknown')
    return answer as T
  }

  end(): void {
    this.#socket.disconnect()
  }
}
