import { CatchUp } from './catch-up.ts'
import { Connection } from './connection.ts'
import type { TransportPolicy } from './connection-state.ts'
import { deliverMessage } from './deliver-message.ts'
import { DeliveredRooms } from './delivered-rooms.ts'
import { Delivery } from './delivery.ts'
import { type BadgeTrace, type FrameHandlers, frameHandlers, handleFrame } from './frame-handlers.ts'
import { HttpApi } from './http-api.ts'
import type { KeyValueStorage } from './key-value-storage.ts'
import { followPage } from './page-signals.ts'
import { platformProviders } from './platform-providers.ts'
import type { News, ProviderFactory, RealtimeProvider } from './provider.ts'
import { Repair } from './repair.ts'
import { reportBug } from './report-bug.ts'
import { retryLater } from './retry-later.ts'
import { RoomChannels } from './room-channels.ts'
import { RoomLoader } from './room-loader.ts'
import { Stores } from './stores.ts'
import type { TabPlatform } from './tab-platform.ts'
import { userOfToken } from './token-claims.ts'
import { type TokenOption, TokenSource } from './token-source.ts'

export type SessionOptions = {
  url: string | undefined
  token: TokenOption
  nowMs: () => number
  wallClock: () => Date
  random: () => number
  fetch: typeof fetch
  transport: TransportPolicy
  longPoll: boolean
  followPage: boolean
  /** Makes connections; the platform's own unless given. */
  provider: ProviderFactory | undefined
  storage: KeyValueStorage
  /** How the tabs of a person find each other; absent: this client is alone. */
  tabs: TabPlatform | undefined
}

/** One client at work: the connection, what comes over it, and what has to be done when it comes and goes. */
export class Session {
  readonly http: HttpApi
  readonly stores: Stores
  readonly roomLoader: RoomLoader
  readonly delivery: Delivery
  readonly channels: RoomChannels
  readonly connection: Connection
  readonly catchUp: CatchUp
  readonly traceListeners = new Set<(trace: BadgeTrace) => void>()
  readonly #tokens: TokenSource
  readonly #repair: Repair
  readonly #delivered: DeliveredRooms
  readonly #handlers: FrameHandlers
  readonly #options: SessionOptions
  #unfollowPage = (): void => {}
  #isStarted = false
  #isVisible = true
  /** What the present connection was told, unless nobody knows; a new one takes a device to be in view. */
  #toldVisible: boolean | undefined = true

  constructor(options: SessionOptions) {
    const { nowMs, random } = options
    this.#options = options
    const isoNow = () => options.wallClock().toISOString()
    const tokens = new TokenSource(options.token, (token) => this.#identify(token))
    this.#tokens = tokens
    const http = new HttpApi({ url: options.url, fetch: options.fetch, tokens })
    const stores = new Stores({
      http,
      isoNow,
      membership: {
        onFound: (roomId) => this.channels.find(roomId)?.found(),
        onLeft: (roomId) => this.channels.find(roomId)?.left(),
      },
    })
    const roomLoader = new RoomLoader({
      http,
      ...stores,
      lifetime: () => this.connection.lifetime,
      random,
      onError: reportBug,
    })
    this.http = http
    this.stores = stores
    this.delivery = this.#makeDelivery(options)
    const { queue } = this.delivery
    this.roomLoader = roomLoader
    this.catchUp = new CatchUp({
      ...stores,
      queue,
      channel: (roomId) => this.channels.find(roomId),
    })
    this.connection = this.#makeConnection(options, { http, tokens })
    const { connection, catchUp } = this
    this.#repair = new Repair({
      catchUp,
      connection,
      doRowsDisagree: () => stores.rooms.disagreesWith(stores.badge.value.get()),
      random,
    })
    connection.status.subscribe(() => this.#leaveIfEnded())
    stores.badge.value.subscribe(() => this.#repair.noteNumbers())
    this.#delivered = new DeliveredRooms({ connection, stores, nowMs })
    stores.rooms.list.subscribe(() => {
      this.#repair.noteNumbers()
      this.#delivered.note()
    })
    this.channels = this.#makeChannels(options)
    this.#handlers = frameHandlers({
      connection,
      stores,
      roomLoader,
      queue,
      channel: (roomId) => this.channels.find(roomId),
      onBadgeTrace: (trace) => {
        for (const listener of this.traceListeners) listener(trace)
      },
      nowMs,
    })
  }

  start(): void {
    this.#isStarted = true
    const { current } = this.#tokens
    if (current !== undefined) this.#identify(current)
    this.#unfollowPage()
    if (this.#options.followPage) {
      this.#unfollowPage = followPage({
        onVisible: (isVisible) => this.setVisible(isVisible),
        onOnline: (isOnline) => this.setOnline(isOnline),
      })
    }
    this.connection.dispatch({ kind: 'start' })
  }

  async stop(): Promise<void> {
    this.#unfollowPage()
    this.#isStarted = false
    this.connection.dispatch({ kind: 'stop' })
    this.#tokens.forget()
    await this.delivery.written()
  }

  /** Before anything is asked of the server: what waits is shown even without it. */
  #identify(token: string): void {
    // What only asks over HTTP must not come to hold the connection that other tabs wait for.
    if (!this.#isStarted) return
    const user = userOfToken(token)
    if (user !== undefined) this.delivery.identify(user.id)
  }

  /** A tab that is not coming back by itself must not hold the connection of the others. */
  #leaveIfEnded(): void {
    const { state } = this.connection.status.get()
    if (state !== 'closed' && state !== 'needs-auth') return
    this.#isStarted = false
    this.delivery.leave()
  }

  setVisible(isVisible: boolean): void {
    this.#isVisible = isVisible
    if (this.connection.isLive) this.#keepVisibility()
    if (!isVisible) return
    this.delivery.wake()
    for (const channel of this.channels.all()) channel.resume()
  }

  setOnline(isOnline: boolean): void {
    this.connection.dispatch({ kind: isOnline ? 'network-found' : 'network-lost' })
  }

  #apply(news: News): void {
    const watched = this.channels.watched()
    const { isLive: isCurrent } = this.connection
    if (this.catchUp.applyNews(news, { channels: watched, isCurrent })) return
    // A ledger that was built anew may count from lower on: a full answer replaces whatever was told before.
    this.stores.clock.begin()
    this.connection.catchUp()
  }

  #keepVisibility(): void {
    const { connection } = this
    const provider = connection.provider()
    retryLater(() => this.#tellVisibility(provider), {
      signal: connection.lifetime,
      isWanted: () => true,
      random: this.#options.random,
    }).catch(reportBug)
  }

  async #tellVisibility(provider: RealtimeProvider): Promise<void> {
    const visible = this.#isVisible
    if (visible === this.#toldVisible) return
    this.#toldVisible = visible
    try {
      await provider.send('visibility', { visible })
    } catch (error) {
      this.#toldVisible = undefined
      throw error
    }
    if (!visible) return
    const watched = this.channels.watched()
    await Promise.all(watched.map((channel) => channel.shown()))
    // While another tab was in view and this one not, the rooms of this one may have been left.
    await this.catchUp.repair(provider, { channels: watched, rows: 'none' })
  }

  #makeConnection(
    options: SessionOptions,
    { http, tokens }: { http: HttpApi; tokens: TokenSource },
  ): Connection {
    const { nowMs, random } = options
    const { stores, delivery } = this
    return new Connection({
      provider: delivery.share(options.provider ?? platformProviders({ ...options, http })),
      policy: options.transport,
      tokens,
      nowMs,
      random,
      onOpening: () => stores.clock.begin(),
      onEvent: (event, payload) => handleFrame(this.#handlers, event, payload),
      onNews: (news) => this.#apply(news),
      onAuthenticated: (user) => {
        stores.authenticated(user)
        delivery.authenticated(user.id)
      },
      catchUp: (provider) => this.#catchUp(provider),
      onLive: () => this.#live(),
      onDown: () => this.#down(),
    })
  }

  #makeChannels({ nowMs, random }: SessionOptions): RoomChannels {
    const { connection, http, stores, roomLoader, catchUp } = this
    return new RoomChannels({
      connection,
      http,
      stores,
      roomLoader,
      queue: this.delivery.queue,
      isVisible: () => this.#isVisible,
      onBehind: (channel) => this.#repair.noteRoom(channel),
      catchUp: (channel) => catchUp.repair(connection.provider(), { channels: [channel], rows: 'none' }),
      nowMs,
      random,
    })
  }

  #makeDelivery(options: SessionOptions): Delivery {
    return new Delivery({
      ...options,
      deliver: (message) => deliverMessage(this, message),
      isLive: () => this.connection.isLive,
      isVisible: () => this.#isVisible,
      onChange: (roomId) => this.channels.find(roomId)?.changed(),
      onStored: (message) => handleFrame(this.#handlers, 'new-message', message),
      onUnauthorized: (error) => this.connection.unauthorized(error),
      onWake: () => this.connection.dispatch({ kind: 'wake' }),
    })
  }

  /**
   * Rooms are joined before the sync is asked: whatever happens after the join comes as a frame and whatever happened
   * before it is in the answer, so nothing can fall between the two.
   */
  async #catchUp(provider: RealtimeProvider): Promise<void> {
    // Before any room is joined: on a hidden device none counts as open.
    await this.#tellVisibility(provider)
    await Promise.all(this.channels.watched().map((channel) => channel.join(provider)))
    await this.catchUp.run(provider, this.channels.watched())
  }

  #live(): void {
    this.#keepVisibility()
    this.delivery.queue.resume()
    this.stores.notifications.refresh()
    this.#delivered.note()
    for (const channel of this.channels.all()) channel.connectionLive()
  }

  #down(): void {
    this.#toldVisible = true
    this.delivery.queue.pause()
    this.#repair.clear()
    this.#delivered.connectionLost()
    this.stores.connectionLost()
    for (const channel of this.channels.all()) channel.connectionLost()
  }
}
