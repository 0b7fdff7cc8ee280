import { type Message, type ReadEpoch, RequestError, type RoomId, type Seq, v1 } from '@tally/protocol'
import { backOffMs } from './back-off.ts'
import type { Connection } from './connection.ts'
import { HistoryLoader } from './history-loader.ts'
import type { HttpApi } from './http-api.ts'
import { MessageLog } from './message-log.ts'
import { joinMessages, type MessageList } from './message-state.ts'
import type { RealtimeProvider } from './provider.ts'
import { ReadConfirmer } from './read-confirmer.ts'
import { type Derived, derived } from './readable.ts'
import { reportBug } from './report-bug.ts'
import { retryLater } from './retry-later.ts'
import type { RoomLoader } from './room-loader.ts'
import type { SendQueue } from './send-queue.ts'
import type { Stores } from './stores.ts'

/** What all rooms of one client share. */
export type RoomChannelContext = {
  connection: Connection
  http: HttpApi
  stores: Stores
  roomLoader: RoomLoader
  queue: SendQueue
  isVisible: () => boolean
  /** The log misses something: unless it comes by itself, fetch it. */
  onBehind: (channel: RoomChannel) => void
  /** Fetches what happened while nobody looked. */
  catchUp: (channel: RoomChannel) => Promise<void>
  onClosed: (channel: RoomChannel) => void
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

/** Messages kept of a room that nobody looks at, for when it is opened again. */
const KEPT_MESSAGES = 200

/** One room as this client has it open: joined while somebody looks at it, its log kept current, its reading confirmed. */
export class RoomChannel {
  readonly roomId: RoomId
  readonly log = new MessageLog()
  readonly history: HistoryLoader
  readonly messages: Derived<MessageList>
  readonly #context: RoomChannelContext
  readonly #reads: ReadConfirmer
  #watchers = 0
  /** How often the room was opened after nobody looked at it. */
  #openings = 0
  #visit: Visit | undefined
  /** The furthest that was seen before the visit's epoch is known. */
  #seenSeq: Seq | undefined
  #joinedOn: RealtimeProvider | undefined
  #settling: Promise<void> = Promise.resolve()
  /** The server knows no such room, or not for this person. */
  #isGone = false
  #joinFailures = 0
  #retryTimer: ReturnType<typeof setTimeout> | undefined

  constructor(roomId: RoomId, context: RoomChannelContext) {
    this.roomId = roomId
    this.#context = context
    this.messages = derived(() => this.#list())
    const onChange = () => this.changed()
    this.history = new HistoryLoader({ http: context.http, roomId, log: this.log, onChange })
    this.#reads = new ReadConfirmer({
      confirm: (seen) => context.connection.provider().send('mark-read', { roomId, ...seen }),
      canConfirm: () => context.connection.isLive && context.isVisible(),
      onConfirmed: (state, seen) => {
        context.stores.rooms.applyReading(roomId, state)
        if (state.readEpoch > seen.readEpoch) this.#endVisit()
      },
      onUnauthorized: (error) => context.connection.unauthorized(error),
      random: context.random,
    })
  }

  /** Whether somebody looks at it. */
  get isWatched(): boolean {
    return this.#watchers > 0
  }

  /** Somebody looks at the room, until the returned function is called. */
  open(): () => void {
    this.#watchers++
    if (this.#watchers === 1) {
      this.#openings++
      this.#visit = undefined
      this.#isGone = false
      this.messages.invalidate()
    }
    this.#follow()
    let isOpen = true
    return () => {
      if (!isOpen) return
      isOpen = false
      this.#watchers--
      if (!this.isWatched) this.#close()
    }
  }

  /** Something of the log changed: whoever shows it should look again. */
  changed(): void {
    this.messages.invalidate()
    if (this.isWatched && this.log.isBehind) this.#context.onBehind(this)
  }

  /** Everything up to this place was on the screen. */
  markRead(upToSeq: Seq): void {
    const visit = this.#visit
    if (this.isWatched && visit === undefined) {
      this.#seenSeq = Math.max(this.#seenSeq ?? 0, upToSeq) as Seq
      return
    }
    if (visit?.isOver === true) return
    const me = this.#context.stores.rooms.row(this.roomId)?.room.me
    const readEpoch = visit?.readEpoch ?? me?.readEpoch
    if (readEpoch === undefined) return
    if (me !== undefined && me.readEpoch === readEpoch && me.readSeq >= upToSeq) return
    this.#reads.seen({ upToSeq, readEpoch })
  }

  /** Marks unread from here: the line moves there, and nothing is read by this visit any more. */
  async markUnread(fromSeq: Seq): Promise<void> {
    const { http, stores, connection } = this.#context
    const openings = this.#openings
    const { roomId } = this
    const reading = await http.call(v1.markUnread, { params: { roomId }, body: { fromSeq } })
    stores.rooms.applyReading(roomId, reading)
    if (openings !== this.#openings) {
      // Opened anew while this was on its way: that is the later will, and needs the new epoch.
      this.#visit = undefined
      if (connection.isLive) void this.join(connection.provider())
      return
    }
    const headSeq = this.log.edges()?.last ?? fromSeq
    this.#visit = { readEpoch: reading.readEpoch, readSeq: (fromSeq - 1) as Seq, headSeq, isOver: false }
    this.#endVisit()
    this.messages.invalidate()
  }

  /** Joins or leaves on this connection as it should be; the log is brought up to date by whoever calls. */
  join(provider: RealtimeProvider): Promise<void> {
    this.#settling = this.#settling.then(() => this.#settle(provider))
    return this.#settling
  }

  /** Loads what a person sees first and the room's row, unless they are there; until it works or nobody looks. */
  bringUp(): Promise<void> {
    const { roomLoader, random } = this.#context
    const load = async (): Promise<void> => {
      const visit = this.#visit
      if (!this.log.isLoaded && visit !== undefined) await this.history.loadInitial(visit)
      await roomLoader.ensure(this.roomId)
    }
    return retryLater(load, { isWanted: () => this.isWatched, random })
  }

  /** A row of the list came, which says up to which change the room is. */
  rowCame(change: number | undefined): void {
    // A joined room gets its messages by themselves.
    if (this.#joinedOn !== undefined || change === undefined || !this.log.isLoaded) return
    this.log.noteMissed(change)
    this.changed()
  }

  /** The server counts the room as open here, if it is joined and the app in view. */
  shown(): void {
    if (this.#joinedOn !== undefined && this.#context.isVisible())
      this.#context.stores.rooms.applyOpen(this.roomId)
  }

  connectionLost(): void {
    this.#joinedOn = undefined
    clearTimeout(this.#retryTimer)
    this.#reads.pause()
  }

  /** What was caught up with before the connection was live is complete; what could not be is tried again. */
  connectionLive(): void {
    this.#reads.resume()
    if (this.#joinedOn === undefined && this.#shouldJoin) this.#follow()
    else if (this.isWatched) this.bringUp().catch(reportBug)
  }

  /** The app is in view again. */
  resume(): void {
    this.#reads.resume()
  }

  #follow(): void {
    const { connection } = this.#context
    if (!connection.isLive) return
    const provider = connection.provider()
    const follow = async (): Promise<void> => {
      const wasLoaded = this.log.isLoaded
      await this.join(provider)
      if (wasLoaded && connection.isLive) await this.#context.catchUp(this)
      await this.bringUp()
    }
    follow().catch(reportBug)
  }

  #close(): void {
    const { connection, onClosed } = this.#context
    this.log.trim(KEPT_MESSAGES)
    if (connection.isLive) void this.join(connection.provider())
    onClosed(this)
  }

  #endVisit(): void {
    const { connection } = this.#context
    if (this.#visit !== undefined) this.#visit = { ...this.#visit, isOver: true }
    this.#reads.forget()
    if (connection.isLive) void this.join(connection.provider())
  }

  get #shouldJoin(): boolean {
    return this.isWatched && !this.#isGone && this.#visit?.isOver !== true
  }

  async #settle(provider: RealtimeProvider): Promise<void> {
    const isJoined = this.#joinedOn === provider
    clearTimeout(this.#retryTimer)
    try {
      if (this.#shouldJoin && (!isJoined || this.#visit === undefined)) await this.#join(provider)
      if (this.#shouldJoin || !isJoined) return
      // What was seen is confirmed before the room counts as closed: otherwise the badge would rise for a moment.
      await this.#reads.idle()
      if (!this.#shouldJoin) await this.#leave(provider)
    } catch (error) {
      if (error instanceof RequestError && error.retry === 'later') this.#followLater()
      else if (error instanceof RequestError && error.code === 'room_not_found') this.#gone()
      else reportBug(error)
    }
  }

  async #join(provider: RealtimeProvider): Promise<void> {
    const { seq, readSeq, readEpoch } = await provider.subscribe(this.roomId)
    this.#joinedOn = provider
    this.#joinFailures = 0
    this.log.noteHead(seq)
    this.#context.stores.rooms.applyReading(this.roomId, { readSeq, readEpoch })
    this.shown()
    const visit = this.#visit
    if (visit === undefined) {
      this.#visit = { readEpoch, readSeq, headSeq: seq, isOver: false }
      if (this.#seenSeq !== undefined) this.markRead(this.#seenSeq)
      this.#seenSeq = undefined
      this.messages.invalidate()
    } else if (readEpoch > visit.readEpoch) {
      // Another device marked it unread while this one was away: coming back must not hide that.
      this.#visit = { ...visit, isOver: true }
      this.#reads.forget()
      await this.#leave(provider)
    }
  }

  async #leave(provider: RealtimeProvider): Promise<void> {
    this.#joinedOn = undefined
    await provider.unsubscribe(this.roomId)
  }

  /** The server is busy. (A connection that broke is followed by a new one, on which all rooms are joined anyway.) */
  #followLater(): void {
    clearTimeout(this.#retryTimer)
    const delayMs = backOffMs({ failures: this.#joinFailures++, random: this.#context.random() })
    this.#retryTimer = setTimeout(() => this.#follow(), delayMs)
  }

  #gone(): void {
    this.#isGone = true
    this.#context.stores.rooms.remove(this.roomId)
    this.log.clear()
    this.messages.invalidate()
  }

  #list(): MessageList {
    const { messages, hasBefore, hasAfter } = this.log.window()
    return {
      items: joinMessages(messages, this.#context.queue.pendingIn(this.roomId)),
      hasBefore,
      hasAfter,
      loading: this.history.isLoading || (this.#shouldJoin && !this.log.isLoaded),
      firstUnreadSeq: this.#firstUnread(messages),
    }
  }

  #firstUnread(messages: readonly Message[]): Seq | null {
    const visit = this.#visit
    if (visit === undefined) return null
    const myId = this.#context.stores.myId
    const first = messages.find(
      ({ seq, senderId, deletedAt }) =>
        seq > visit.readSeq &&
        seq <= visit.headSeq &&
        senderId !== null &&
        senderId !== myId &&
        deletedAt === undefined,
    )
    return first?.seq ?? null
  }
}
