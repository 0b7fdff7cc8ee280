import type { Change, IsoTime, Message, RoomId, Seq, UserId } from '@tally/protocol'
import { vi } from 'vitest'
import { HttpApi } from '../../src/http-api.ts'
import { memoryStorage } from '../../src/key-value-storage.ts'
import type { SentMessage } from '../../src/message-state.ts'
import { PollingProvider } from '../../src/polling-provider.ts'
import { createTally, type Tally } from '../../src/tally.ts'
import { TokenSource } from '../../src/token-source.ts'
import { unsignedToken } from '../jwt.ts'
import { seededRandom } from './random.ts'
import { SimulatedConnection } from './simulated-connection.ts'
import { simulatedFetch } from './simulated-http.ts'
import { SimulatedNetwork } from './simulated-network.ts'
import { SimulatedServer } from './simulated-server.ts'

export const ME = 'me' as UserId
const OTHER = 'other' as UserId
const NEWCOMER = 'newcomer' as UserId
export const ROOMS = ['a', 'b', 'c', 'd', 'e'].map((name) => name as RoomId)

/** A server, a network, one person's client, and somebody else who writes to them. Under fake timers. */
export class World {
  readonly server = new SimulatedServer()
  readonly network: SimulatedNetwork
  readonly #storage = memoryStorage()
  readonly #seed: number
  #starts = 0
  client: Tally
  /** What this client was told to send, in order. */
  readonly written = new Map<RoomId, string[]>()
  readonly #open = new Map<RoomId, () => void>()
  #texts = 0

  constructor({ seed, isFaulty }: { seed: number; isFaulty: boolean }) {
    this.network = new SimulatedNetwork(seededRandom(seed))
    this.network.isFaulty = isFaulty
    for (const roomId of ROOMS) this.server.data.create(roomId, [ME, OTHER])
    this.#seed = seed
    this.client = this.#start()
  }

  /** The app is gone without a word, and started again on the same device. */
  reload(): void {
    this.cut()
    void this.client.stop()
    this.#open.clear()
    this.client = this.#start()
  }

  #start(): Tally {
    const { server, network } = this
    const url = 'http://simulated'
    const token = unsignedToken(ME)
    const random = seededRandom(this.#seed + 1 + this.#starts++)
    const nowMs = () => Date.now()
    const wallClock = () => new Date()
    const fetch = simulatedFetch(server, network)
    const http = new HttpApi({ url, fetch, tokens: new TokenSource(token) })
    const client = createTally({
      url,
      token,
      random,
      nowMs,
      fetch,
      storage: this.#storage,
      provider: (listener, transport) =>
        transport === 'websocket'
          ? new SimulatedConnection({ server, network, listener })
          : new PollingProvider({ http, listener, longPoll: false, nowMs, wallClock, random }),
    })
    client.start()
    return client
  }

  get openRooms(): RoomId[] {
    return [...this.#open.keys()]
  }

  async pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms)
  }

  /** Somebody else writes. */
  hear(roomId: RoomId): void {
    this.server.newMessage(this.server.data.send(OTHER, { roomId, text: `heard ${++this.#texts}` }))
  }

  write(roomId: RoomId): void {
    const text = `written ${++this.#texts}`
    this.client.room(roomId).send(text)
    this.written.set(roomId, [...(this.written.get(roomId) ?? []), text])
  }

  toggle(roomId: RoomId): void {
    const close = this.#open.get(roomId)
    if (close === undefined) this.#open.set(roomId, this.client.room(roomId).open())
    else {
      close()
      this.#open.delete(roomId)
    }
  }

  /** Something happens to a message that is there already. */
  change(roomId: RoomId, { seq, how }: { seq: number; how: 'edit' | 'delete' | 'react' }): void {
    const { data } = this.server
    if (how === 'react') {
      this.#tell(data.react(roomId, seq, { userId: OTHER, emoji: `e${++this.#texts}` }), how)
    } else if (how === 'edit') this.#tell(data.edit(roomId, seq, `edited ${++this.#texts}`), how)
    else this.#tell(data.delete(roomId, seq), how)
  }

  /** Another device of this person reads, or marks unread. */
  elsewhere(roomId: RoomId, { seq, unread }: { seq: number; unread: boolean }): void {
    const { data } = this.server
    if (data.rooms.get(roomId)?.members.get(ME)?.left === true) return
    if (unread) {
      data.markUnread(ME, { roomId, fromSeq: seq })
      this.server.endOpen(ME, roomId)
    } else data.read(ME, { roomId, upToSeq: seq })
    this.server.publish([ME])
  }

  /** The host takes this person out of a room, or puts them back. */
  toggleMember(roomId: RoomId): void {
    const { data, connections } = this.server
    if (data.rooms.get(roomId)?.members.get(ME)?.left === true) data.join(ME, roomId)
    else {
      data.leave(ME, roomId)
      for (const connection of connections) connection.putOut(roomId)
    }
    this.server.publishRoom(roomId)
  }

  /** The host gives a room another title, or keeps something else with it. */
  update(roomId: RoomId, part: 'title' | 'metadata'): void {
    const text = `${part} ${++this.#texts}`
    this.server.data.update(roomId, part === 'title' ? { title: text } : { metadata: { note: text } })
    this.#tellRoomChanged(roomId)
  }

  /** Somebody comes into a room, or leaves it. */
  toggleNewcomer(roomId: RoomId): void {
    const { data } = this.server
    if (data.rooms.get(roomId)?.members.get(NEWCOMER)?.left === false) {
      data.leave(NEWCOMER, roomId)
      const change = data.rooms.get(roomId)?.change as Change
      const gone = { roomId, userId: NEWCOMER, deleted: false, change }
      this.server.emitToRoom(roomId, 'member-left', () => gone)
      this.server.publishRoom(roomId)
    } else {
      data.join(NEWCOMER, roomId)
      this.#tellRoomChanged(roomId)
    }
  }

  /** The fast copy is lost; `isRestored`: with a database of yesterday, whose warms are lower. */
  rebuildLedger({ isRestored }: { isRestored: boolean }): void {
    if (isRestored) this.cut()
    this.server.rebuildLedger({ higher: !isRestored })
  }

  cut(): void {
    for (const connection of [...this.server.connections]) connection.cut()
  }

  setNetwork(isDown: boolean): void {
    this.network.isDown = isDown
    if (isDown) this.cut()
  }

  /** The messages that this client shows of a room and that are stored. */
  shown(roomId: RoomId): SentMessage[] {
    return this.client
      .room(roomId)
      .messages.get()
      .items.flatMap((item) => (item.state === 'sent' ? [item] : []))
  }

  /**
   * All goes well again. Where frames got lost, something more happens in the rooms that are open: what was lost there
   * shows by that at the latest.
   */
  async settle(): Promise<void> {
    await this.rest()
    await this.loadAllRooms()
    await this.pass(60_000)
  }

  /** The same, without loading rooms: those that are open are to be right by themselves. */
  async rest(): Promise<void> {
    const { isFaulty } = this.network
    this.network.isFaulty = false
    this.network.isDown = false
    this.network.sockets = 'pass'
    this.server.isBusy = false
    // Nothing is asked while nobody looks.
    if (this.client.connection.get().transport !== 'websocket') this.client.setVisible(true)
    await this.pass(120_000)
    if (isFaulty) {
      for (const roomId of this.openRooms) this.hear(roomId)
      await this.pass(1_000)
      this.server.touch()
    }
    await this.pass(120_000)
  }

  async loadAllRooms(): Promise<void> {
    while (this.client.rooms.get().hasMore) {
      const loading = this.client.loadMoreRooms()
      await this.pass(1_000)
      await loading
    }
  }

  #tellRoomChanged(roomId: RoomId): void {
    const change = this.server.data.rooms.get(roomId)?.change as Change
    this.server.emitToRoom(roomId, 'room-changed', () => ({ roomId, change }))
    this.server.publishRoom(roomId)
  }

  #tell(message: Message | undefined, how: 'edit' | 'delete' | 'react'): void {
    if (message === undefined) return
    const { roomId, seq, change, text, reactions } = message
    const place = { room_id: roomId, seq: seq as Seq, change }
    const at = message.createdAt as IsoTime
    if (how === 'delete') {
      this.server.emitToRoom(roomId, 'message-deleted', () => ({ ...place, deleted_at: at }))
    } else {
      const part = how === 'edit' ? { message: text, edited_at: at } : { reactions }
      this.server.emitToRoom(roomId, 'message-updated', () => ({ ...place, ...part }))
    }
    this.server.publishRoom(roomId)
  }
}
