import { CLIENT_LIMITS, type RoomId, type Seq } from '@tally/protocol'
import type { Connection } from './connection.ts'
import type { Stores } from './stores.ts'
import { Timer } from './timer.ts'

export type DeliveredRoomsOptions = {
  connection: Connection
  stores: Stores
  /** Monotonic milliseconds. */
  nowMs: () => number
}

/** What is read within this time is known to be here by that. */
const WAIT_MS = 300
/** Between two words, however much comes. */
const PAUSE_MS = 1_000

/**
 * Tells the server up to where this device has the messages of its rooms, or word of them, for those who sent them: all
 * rooms together, and over each connection anew what neither it nor its rows say already.
 */
export class DeliveredRooms {
  readonly #options: DeliveredRoomsOptions
  readonly #timer = new Timer()
  readonly #told = new Map<RoomId, Seq>()
  #toldAtMs = Number.NEGATIVE_INFINITY

  constructor(options: DeliveredRoomsOptions) {
    this.#options = options
  }

  /** A row may have changed. */
  note(): void {
    const { connection, nowMs } = this.#options
    if (this.#timer.isSet || !connection.isLive) return
    this.#timer.set(Math.max(WAIT_MS, this.#toldAtMs + PAUSE_MS - nowMs()), () => this.#tell())
  }

  connectionLost(): void {
    this.#timer.clear()
    this.#told.clear()
  }

  #tell(): void {
    const { connection, stores, nowMs } = this.#options
    const rooms = stores.rooms.list.get().items.flatMap(({ id: roomId, seq, me, members, lastMessage }) => {
      const isTold =
        seq <= (this.#told.get(roomId) ?? me.readSeq) ||
        members.some(({ userId, deliveredSeq }) => userId === stores.myId && deliveredSeq >= seq)
      // Nobody waits to hear that the own message came.
      return isTold || (me.unread === 0 && lastMessage?.senderId === stores.myId)
        ? []
        : { roomId, upToSeq: seq }
    })
    if (rooms.length === 0) return
    this.#toldAtMs = nowMs()
    const some = rooms.slice(0, CLIENT_LIMITS.pageMax)
    for (const { roomId, upToSeq } of some) this.#told.set(roomId, upToSeq)
    connection
      .provider()
      .send('mark-delivered', { rooms: some })
      .then(
        () => this.note(),
        // Told again with what comes next: nothing waits for it.
        () => this.#told.clear(),
      )
  }
}
