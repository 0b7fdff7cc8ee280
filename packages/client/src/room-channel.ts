import { RequestError, type RoomId, type Seq } from '@tally/protocol'
import type { Connection } from './connection.ts'
import { HistoryLoader } from './history-loader.ts'
import type { HttpApi } from './http-api.ts'
import { MessageLog } from './message-log.ts'
import { joinMessages, type MessageList } from './message-state.ts'
import type { RealtimeProvider } from './provider.ts'
import { type Derived, derived } from './readable.ts'
import { reportBug } from './report-bug.ts'
import { Retry } from './retry.ts'
import { retryLater } from './retry-later.ts'
import type { RoomLoader } from './room-loader.ts'
import { RoomReading } from './room-reading.ts'
import type { SendQueue } from './send-queue.ts'
import type { Stores } from './stores.ts'
import { Timer } from './timer.ts'
import { TypingSignal } from './typing-signal.ts'

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
  nowMs: () => number
  random: () => number
}

/** Messages kept of a room that nobody looks at, for when it is opened again. */
const KEPT_MESSAGES = 200

/** One room as this client has it open: joined while somebody looks at it, its log kept current. */
export class RoomChannel {
  readonly roomId: RoomId
  readonly log = new MessageLog()
  readonly history: HistoryLoader
  readonly reading: RoomReading
  readonly typing: TypingSignal
  readonly messages: Derived<MessageList>
  readonly #context: RoomChannelContext
  #watchers = 0
  #joinedOn: RealtimeProvider | undefined
  /** Whether the rows of the room are kept back by that, as those of an open room are over a connection. */
  #keepsRowsBack = false
  /** How often it was joined, or changed since, and at which of these the room itself was fetched: of before, nothing else tells. */
  #joins = 0
  #fetchedAt = 0
  #settling: Promise<void> = Promise.resolve()
  /** The server knows no such room, or not for this person. */
  #isGone = false
  #isVerifying = false
  readonly #retry: Retry
  readonly #refresh = new Timer()

  constructor(roomId: RoomId, context: RoomChannelContext) {
    this.roomId = roomId
    this.#context = context
    this.#retry = new Retry({
      onUnauthorized: (error) => context.connection.unauthorized(error),
      random: context.random,
    })
    this.messages = derived(() => this.#list())
    const onChange = () => this.changed()
    this.history = new HistoryLoader({ http: context.http, roomId, log: this.log, onChange })
    this.typing = new TypingSignal({
      nowMs: context.nowMs,
      send: (typing) => {
        const { connection } = context
        if (connection.isLive) connection.provider().send('typing', { roomId, typing }).catch(reportBug)
      },
    })
    this.reading = new RoomReading({
      ...context,
      roomId,
      onChange: () => {
        this.messages.invalidate()
        this.#follow()
      },
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
      this.reading.opened()
      this.#isGone = false
      this.history.wantsEnd = false
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
    this.#tellRow()
    if (this.isWatched && this.log.isBehind) this.#context.onBehind(this)
  }

  /** Somebody wrote here and is to see it, also where nothing is loaded yet. */
  wrote(): void {
    if (this.log.isLoaded) this.history.loadNewest().catch(reportBug)
    else this.history.wantsEnd = true
  }

  /** Makes everything from here on unread again. */
  markUnread(fromSeq: Seq): Promise<void> {
    return this.reading.markUnread(fromSeq, { headSeq: (this.log.shown?.to ?? fromSeq) as Seq })
  }

  /** Joins or leaves on this connection as it should be; the log is brought up to date by whoever calls. */
  join(provider: RealtimeProvider): Promise<void> {
    this.#settling = this.#settling.then(() => this.#settle(provider))
    return this.#settling
  }

  /** Loads what a person sees first and the room's row, unless they are there; until it works or nobody looks. */
  bringUp(): Promise<void> {
    const { connection, roomLoader, random } = this.#context
    const load = async (): Promise<void> => {
      const { start } = this.reading
      if (!this.log.isLoaded && start !== undefined) await this.history.loadInitial(start)
      // Receipts come while it is joined: how far people read before that, the room itself says.
      const joins = this.#joins
      if (this.#fetchedAt === joins) await roomLoader.ensure(this.roomId)
      else await this.reload()
      this.#fetchedAt = joins
    }
    return retryLater(load, { signal: connection.lifetime, isWanted: () => this.isWatched, random })
  }

  /** The room is at this change: what of it did not come by is missing here. */
  told(change: number): void {
    if (this.log.isLoaded && this.log.noteRoomChange(change)) this.changed()
  }

  /** Fetches the room anew; what of its messages did not come by is missing here. */
  async reload(): Promise<void> {
    const { roomLoader, stores } = this.#context
    await roomLoader.reload(this.roomId)
    this.told(stores.rooms.row(this.roomId)?.room.change ?? 0)
  }

  /** A row of the list came, which says up to which change the room is. */
  rowCame(change: number | undefined): void {
    if (change !== undefined) this.told(change)
    // Rows of a room are sent to devices that do not show it: so the server thinks that this one does not.
    if (this.#joinedOn !== undefined && this.#keepsRowsBack && this.#context.isVisible()) this.#verifyOpen()
  }

  /** Something of the room itself changed, its messages aside. */
  roomChanged({ change = 0 }: { change?: number | undefined }): void {
    this.log.noteChange(change)
    this.changed()
    this.outdated()
  }

  /** Title or members are not those of now: what was asked for before does not tell, so the room is fetched once more, for all that follows meanwhile. */
  outdated(): void {
    this.#joins++
    if (this.#refresh.isSet) return
    this.#refresh.set(this.#context.roomLoader.spreadMs(this.roomId), () => {
      if (this.isWatched) this.bringUp().catch(reportBug)
    })
  }

  /** The person is no longer in the room, or there is no such room: nothing of it comes or may be shown any more. */
  left(): void {
    this.#isGone = true
    this.#joinedOn = undefined
    this.log.clear()
    this.messages.invalidate()
  }

  /** The person is in the room, perhaps again: who looks at it sees it from the start. */
  found(): void {
    this.#tellRow()
    if (this.#joinedOn !== undefined) this.#tellOpen()
    if (!this.#isGone) return
    this.#isGone = false
    if (!this.isWatched) return
    this.reading.opened()
    this.#follow()
  }

  /** The app is in view again, and the server was told: only it knows whether the room counts as open now. */
  async shown(): Promise<void> {
    if (this.#joinedOn !== undefined) await this.#countsAsOpen()
  }

  connectionLost(): void {
    this.#joinedOn = undefined
    this.#retry.clear()
    this.#refresh.clear()
    this.typing.forget()
    this.reading.pause()
  }

  /** Rooms that were opened, closed or refused while the connection caught up are put right. */
  connectionLive(): void {
    this.reading.resume()
    const isRight = this.#shouldJoin ? this.#isJoined(this.#joinedOn) : this.#joinedOn === undefined
    if (!isRight) this.#follow()
    else if (this.isWatched) this.bringUp().catch(reportBug)
  }

  /** The app is in view again. */
  resume(): void {
    this.reading.resume()
  }

  /** The server counts the room as open here, and sends no row that says so. */
  #tellOpen(): void {
    if (this.#keepsRowsBack && this.#context.isVisible()) this.#context.stores.rooms.applyOpen(this.roomId)
  }

  /** The row may be of before the newest message, and of an open room no newer one is sent. */
  #tellRow(): void {
    const { newest } = this.log
    if (newest !== undefined) this.#context.stores.rooms.applyMessage(newest)
  }

  #follow(): void {
    const { connection } = this.#context
    if (!connection.isLive) return
    const provider = connection.provider()
    const follow = async (): Promise<void> => {
      const wasLoaded = this.log.isLoaded
      await this.join(provider)
      if (!this.isWatched) return
      if (wasLoaded && connection.isLive) await this.#context.catchUp(this)
      await this.bringUp()
    }
    follow().catch(reportBug)
  }

  #close(): void {
    const { connection, onClosed } = this.#context
    this.reading.closed()
    this.log.showLast()
    this.log.bound('oldest', KEPT_MESSAGES)
    if (connection.isLive) void this.join(connection.provider())
    onClosed(this)
  }

  get #shouldJoin(): boolean {
    return this.isWatched && !this.#isGone && !this.reading.isOver
  }

  async #settle(provider: RealtimeProvider): Promise<void> {
    this.#retry.clear()
    try {
      if (this.#shouldJoin && !this.#isJoined(provider)) await this.#join(provider)
      if (this.#shouldJoin || this.#joinedOn !== provider) return
      // What was seen is confirmed before the room counts as closed: otherwise the badge would rise for a moment.
      await this.reading.idle()
      if (!this.#shouldJoin) await this.#leave(provider)
    } catch (error) {
      if (!(error instanceof RequestError)) reportBug(error)
      else if (error.code === 'room_not_found') this.#refused()
      // (A connection that broke is followed by a new one, on which all rooms are joined anyway.)
      else this.#retry.after(error, () => this.#follow())
    }
  }

  /** Joined on this connection, and for this visit. */
  #isJoined(provider: RealtimeProvider | undefined): boolean {
    return provider !== undefined && this.#joinedOn === provider && this.reading.start !== undefined
  }

  async #join(provider: RealtimeProvider): Promise<void> {
    const { rooms, clock } = this.#context.stores
    const stamp = clock.stampOfRequest()
    const { room, rowsCome, ...joined } = await provider.subscribe(this.roomId)
    this.#joinedOn = provider
    this.#keepsRowsBack = rowsCome !== true
    this.#joins++
    if (room !== undefined) {
      rooms.applyRoom(room, stamp)
      this.#fetchedAt = this.#joins
    }
    this.#retry.reset()
    this.log.noteHead(joined.seq)
    this.#tellOpen()
    if (!this.reading.joined(joined)) await this.#leave(provider)
    this.messages.invalidate()
  }

  async #leave(provider: RealtimeProvider): Promise<void> {
    this.#joinedOn = undefined
    await provider.unsubscribe(this.roomId)
  }

  /** Asks the server. Where the room was marked unread on another device, the visit is over. */
  async #countsAsOpen(): Promise<boolean> {
    const { roomLoader, stores } = this.#context
    await roomLoader.reload(this.roomId)
    const me = stores.rooms.row(this.roomId)?.room.me
    return me !== undefined && !this.reading.wasMarkedUnread(me.readEpoch)
  }

  /** A room that should count as open and does not: a frame was lost, and the room is joined again. */
  #verifyOpen(): void {
    if (this.#isVerifying) return
    this.#isVerifying = true
    const verify = async (): Promise<void> => {
      if (!(await this.#countsAsOpen())) return
      this.#joinedOn = undefined
      this.#follow()
    }
    verify()
      .catch(reportBug)
      .finally(() => {
        this.#isVerifying = false
      })
  }

  #refused(): void {
    const { rooms, clock } = this.#context.stores
    rooms.remove(this.roomId, clock.stampOfRequest())
  }

  #list(): MessageList {
    const { messages, hasBefore, hasAfter } = this.log.window()
    return {
      items: joinMessages(messages, this.#context.queue.pendingIn(this.roomId)),
      hasBefore,
      hasAfter,
      loading: this.history.isLoading || (this.#shouldJoin && !this.log.isLoaded),
      firstUnreadSeq: this.reading.firstUnread(messages, { hasBefore }),
    }
  }
}
