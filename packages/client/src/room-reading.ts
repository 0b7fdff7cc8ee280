import type { ClientEventResult, Message, ReadEpoch, RoomId, Seq } from '@tally/protocol'
import type { Connection } from './connection.ts'
import type { HttpApi } from './http-api.ts'
import { ReadConfirmer } from './read-confirmer.ts'
import type { Stores } from './stores.ts'

export type RoomReadingOptions = {
  roomId: RoomId
  connection: Connection
  http: HttpApi
  stores: Stores
  isVisible: () => boolean
  /** The visit is over, or has to begin anew: the room is to be left, or joined again. */
  onChange: () => void
  random: () => number
}

/** From the opening of a room until it is closed or marked unread. */
type Visit = {
  /** Reads of this visit carry it: a mark-unread that comes after makes them void. */
  readEpoch: ReadEpoch
  /** What was read when it began, and the newest message of that moment: between them stands what is new. */
  readSeq: Seq
  headSeq: Seq
  /** Marked unread meanwhile, here or on another device: nothing is read any more until the room is opened again. */
  isOver: boolean
}

/** What of one room is read, and unread, by whoever looks at it here. */
export class RoomReading {
  readonly #options: RoomReadingOptions
  readonly #confirmer: ReadConfirmer
  #isOpen = false
  #openings = 0
  #visit: Visit | undefined
  /** The furthest that was seen before the visit's epoch is known. */
  #seenSeq: Seq | undefined

  constructor(options: RoomReadingOptions) {
    const { roomId, connection, stores, isVisible, random } = options
    this.#options = options
    this.#confirmer = new ReadConfirmer({
      confirm: (seen) => connection.provider().send('mark-read', { roomId, ...seen }),
      canConfirm: () => connection.isLive && isVisible(),
      onConfirmed: (state) => {
        stores.rooms.applyReading(roomId, state)
        // Marked unread on another device: this one learns it by its own read being ignored.
        this.wasMarkedUnread(state.readEpoch)
      },
      onUnauthorized: (error) => connection.unauthorized(error),
      random,
    })
  }

  /** Where the visit began; `undefined` while the room has to be joined for that. */
  get start(): { readSeq: Seq; headSeq: Seq } | undefined {
    return this.#visit
  }

  /** Marked unread during this visit. */
  get isOver(): boolean {
    return this.#visit?.isOver === true
  }

  opened(): void {
    this.#isOpen = true
    this.#openings++
    this.#visit = undefined
    this.#seenSeq = undefined
  }

  closed(): void {
    this.#isOpen = false
  }

  /** The room was joined, for the first time of this visit or again. @returns whether the visit goes on. */
  joined({ seq, readSeq, readEpoch }: ClientEventResult<'join-room'>): boolean {
    const visit = this.#visit
    this.#options.stores.rooms.applyReading(this.#options.roomId, { readSeq, readEpoch })
    if (visit === undefined) {
      this.#visit = { readEpoch, readSeq, headSeq: seq, isOver: false }
      if (this.#seenSeq !== undefined) this.read(this.#seenSeq)
      this.#seenSeq = undefined
      return true
    }
    if (readEpoch <= visit.readEpoch) return true
    // Another device marked it unread while this one was away: coming back must not hide that.
    this.#visit = { ...visit, isOver: true }
    this.#confirmer.forget()
    return false
  }

  /** The epoch that the server has now. @returns whether the room was marked unread since the visit began. */
  wasMarkedUnread(readEpoch: ReadEpoch): boolean {
    const visit = this.#visit
    if (visit === undefined || readEpoch <= visit.readEpoch) return false
    if (!visit.isOver) this.#end()
    return true
  }

  /** Everything up to this place was on the screen. */
  read(upToSeq: Seq): void {
    const visit = this.#isOpen ? this.#visit : undefined
    if (this.#isOpen && visit === undefined) {
      this.#seenSeq = Math.max(this.#seenSeq ?? 0, upToSeq) as Seq
      return
    }
    if (visit?.isOver === true) return
    const me = this.#options.stores.rooms.row(this.#options.roomId)?.room.me
    const readEpoch = visit?.readEpoch ?? me?.readEpoch
    if (readEpoch === undefined) return
    if (me !== undefined && me.readEpoch === readEpoch && me.readSeq >= upToSeq) return
    this.#confirmer.seen({ upToSeq, readEpoch })
  }

  /** Marks unread from here: the line moves there, and nothing is read by this visit any more. */
  async markUnread(fromSeq: Seq, { headSeq }: { headSeq: Seq }): Promise<void> {
    const { http, roomId, stores, onChange } = this.#options
    const openings = this.#openings
    const reading = await http.call('POST /v1/rooms/:roomId/unread', {
      params: { roomId },
      body: { fromSeq },
    })
    stores.rooms.applyReading(roomId, reading)
    if (openings !== this.#openings) {
      // Opened anew while this was on its way: that is the later will, and needs the new epoch.
      this.#visit = undefined
      onChange()
      return
    }
    this.#visit = { readEpoch: reading.readEpoch, readSeq: (fromSeq - 1) as Seq, headSeq, isOver: false }
    this.#end()
  }

  /** The first one of these that was unread when the visit began: where the line "new messages" stands. */
  firstUnread(messages: readonly Message[], { hasBefore }: { hasBefore: boolean }): Seq | null {
    const visit = this.#visit
    if (visit === undefined) return null
    // It lies before what is on show.
    if (hasBefore && (messages[0]?.seq ?? 0) > visit.readSeq + 1) return null
    const { myId } = this.#options.stores
    const isNew = ({ seq, senderId, deletedAt }: Message): boolean =>
      seq > visit.readSeq &&
      seq <= visit.headSeq &&
      senderId !== null &&
      senderId !== myId &&
      deletedAt === undefined
    return messages.find(isNew)?.seq ?? null
  }

  /** Resolves when no confirmation is on its way. */
  idle(): Promise<void> {
    return this.#confirmer.idle()
  }

  resume(): void {
    this.#confirmer.resume()
  }

  pause(): void {
    this.#confirmer.pause()
  }

  #end(): void {
    if (this.#visit !== undefined) this.#visit = { ...this.#visit, isOver: true }
    this.#confirmer.forget()
    this.#options.onChange()
  }
}
