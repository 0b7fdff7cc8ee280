import {
  type ClientEventInput,
  type ClientEventName,
  type ClientEventResult,
  type Message,
  type ReadEpoch,
  RequestError,
  type RoomId,
  type Seq,
  type ServerEventName,
  type ServerEventPayload,
  type UserId,
  type WireUser,
} from '@tally/protocol'
import type { ProviderListener, RealtimeProvider } from '../../src/provider.ts'
import { userOfToken } from '../../src/token-claims.ts'
import type { SimulatedNetwork } from './simulated-network.ts'
import { readStateOf } from './simulated-rooms.ts'
import { type SimulatedDevice, type SimulatedServer, wireMessage } from './simulated-server.ts'

type SentEvent = Exclude<ClientEventName, 'request-unread-count-sync'>

/** How long a client waits for a WebSocket of which nothing is heard. */
const GIVEN_UP_AFTER_MS = 20_000

/** One device's connection: what is sent and answered keeps its order, what the server tells by itself may not. */
export class SimulatedConnection implements RealtimeProvider, SimulatedDevice {
  readonly transport = 'websocket'
  readonly joined = new Map<RoomId, number>()
  userId: UserId | undefined
  readonly #server: SimulatedServer
  readonly #network: SimulatedNetwork
  readonly #listener: ProviderListener
  readonly #waiting = new Set<(error: RequestError) => void>()
  readonly #open = new Set<RoomId>()
  readonly #keptBack = new Set<RoomId>()
  #isVisible = true
  #isClosed = false
  #upAtMs = 0
  #downAtMs = 0

  constructor(parts: { server: SimulatedServer; network: SimulatedNetwork; listener: ProviderListener }) {
    this.#server = parts.server
    this.#network = parts.network
    this.#listener = parts.listener
  }

  async connect(token: string): Promise<WireUser> {
    if (this.#network.sockets === 'refused') throw new RequestError('unavailable')
    if (this.#network.sockets === 'unanswered') {
      await new Promise((resolve) => setTimeout(resolve, GIVEN_UP_AFTER_MS))
      throw new RequestError('unavailable')
    }
    return this.#ask(() => {
      this.userId = userOfToken(token)?.id
      this.#server.connections.add(this)
      const user = this.#me()
      this.emitBadge()
      return user
    })
  }

  authenticate(): Promise<WireUser> {
    return this.#ask(() => this.#me())
  }

  subscribe(roomId: RoomId): Promise<ClientEventResult<'join-room'>> {
    return this.send('join-room', { roomId, read: false })
  }

  async unsubscribe(roomId: RoomId): Promise<void> {
    await this.send('leave-room', { roomId })
  }

  send<E extends SentEvent>(event: E, payload: ClientEventInput<E>): Promise<ClientEventResult<E>> {
    return this.#ask(() => this.#handle(event, payload) as ClientEventResult<E>)
  }

  close(): void {
    this.#end('closed by the client')
  }

  cut(): void {
    if (this.#isClosed) return
    this.#end('cut')
    this.#listener.onLost(new RequestError('unavailable', { message: 'cut' }))
  }

  shows(roomId: RoomId): boolean {
    return this.#isVisible && this.#open.has(roomId)
  }

  offerRow(roomId: RoomId): void {
    if (this.shows(roomId)) this.#keptBack.add(roomId)
    else if (this.userId !== undefined) this.emit('chat-room-updated', this.#server.row(this.userId, roomId))
  }

  emitBadge(): void {
    if (this.userId === undefined) return
    const { total, unreadRooms, notifications, rev } = this.#server.badge(this.userId)
    this.emit('total-unread-count-updated', { totalUnreadCount: total ?? 0, unreadRooms, notifications, rev })
  }

  emit<E extends ServerEventName>(event: E, payload: ServerEventPayload<E>): void {
    for (const lateMs of this.#network.copies()) {
      const deliver = () => this.#listener.onEvent(event, payload)
      if (lateMs === 0) {
        if (event === 'new-message') this.#emitted(payload as ServerEventPayload<'new-message'>)
        this.#down(deliver)
      } else setTimeout(() => !this.#isClosed && deliver(), this.#network.latencyMs() + lateMs)
    }
  }

  endOpen(roomId: RoomId): void {
    this.#open.delete(roomId)
    this.#releaseRows()
  }

  putOut(roomId: RoomId): void {
    this.joined.delete(roomId)
    this.endOpen(roomId)
  }

  #emitted({ room_id, seq }: { room_id: RoomId; seq: number }): void {
    const emittedSeq = this.joined.get(room_id)
    if (emittedSeq !== undefined) this.joined.set(room_id, Math.max(emittedSeq, seq))
  }

  #me(): WireUser {
    return { id: this.userId as UserId, name: null, user_type: null }
  }

  #handle(event: SentEvent, payload: unknown): unknown {
    const userId = this.userId as UserId
    const { data } = this.#server
    switch (event) {
      case 'join-room': {
        const { roomId } = payload as { roomId: RoomId }
        const { room, member } = data.roomOf(userId, roomId)
        this.joined.set(roomId, room.seq)
        this.#open.add(roomId)
        this.#server.publish([userId])
        const { readSeq, readEpoch } = member
        return { roomId, seq: room.seq as Seq, readSeq: readSeq as Seq, readEpoch: readEpoch as ReadEpoch }
      }
      case 'leave-room':
        this.putOut((payload as { roomId: RoomId }).roomId)
        this.#server.publish([userId])
        return {}
      case 'visibility':
        this.#isVisible = (payload as { visible: boolean }).visible
        this.#releaseRows()
        this.#server.publish([userId])
        return {}
      case 'send-message': {
        const { roomId, message: text, clientId } = payload as ClientEventInput<'send-message'>
        if (this.#server.isBusy) throw new RequestError('overloaded')
        const before = data.rooms.get(roomId as RoomId)?.seq
        const message: Message = data.send(userId, {
          roomId: roomId as RoomId,
          text,
          clientId: clientId as never,
        })
        if (message.seq > (before ?? 0)) this.#server.newMessage(message)
        return { message: wireMessage(message) }
      }
      case 'mark-read': {
        const read = payload as { roomId: RoomId; upToSeq: number; readEpoch?: number }
        const member = data.read(userId, read)
        this.#server.publish([userId])
        return readStateOf(read.roomId, member)
      }
      case 'sync':
        return this.#server.sync(userId, payload as Parameters<SimulatedServer['sync']>[1])
      default:
        return {}
    }
  }

  #releaseRows(): void {
    for (const roomId of this.#keptBack) {
      if (this.shows(roomId)) continue
      this.#keptBack.delete(roomId)
      this.offerRow(roomId)
    }
  }

  #ask<T>(handle: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const refuse = (error: RequestError): void => {
        this.#waiting.delete(refuse)
        reject(error)
      }
      this.#waiting.add(refuse)
      if (this.#isClosed || this.#network.isDown) {
        setTimeout(() => refuse(new RequestError('unavailable')), this.#network.latencyMs())
        return
      }
      this.#up(() => {
        try {
          const answer = handle()
          this.#down(() => {
            this.#waiting.delete(refuse)
            resolve(answer)
          })
        } catch (error) {
          this.#down(() => refuse(error as RequestError))
        }
      })
    })
  }

  /** To the server, in order. */
  #up(run: () => void): void {
    this.#upAtMs = Math.max(this.#upAtMs, Date.now() + this.#network.latencyMs())
    setTimeout(() => !this.#isClosed && run(), this.#upAtMs - Date.now())
  }

  /** To the client, in order. */
  #down(run: () => void): void {
    this.#downAtMs = Math.max(this.#downAtMs, Date.now() + this.#network.latencyMs())
    setTimeout(() => !this.#isClosed && run(), this.#downAtMs - Date.now())
  }

  #end(reason: string): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#server.connections.delete(this)
    for (const refuse of [...this.#waiting]) refuse(new RequestError('unavailable', { message: reason }))
    if (this.userId !== undefined) this.#server.publish([this.userId])
  }
}
