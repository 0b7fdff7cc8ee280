import { CatchUp } from './catch-up.ts'
import { newClientId } from './client-id.ts'
import { Connection } from './connection.ts'
import type { TransportPolicy } from './connection-state.ts'
import { type BadgeTrace, frameHandlers, handleFrame } from './frame-handlers.ts'
import { HttpApi } from './http-api.ts'
import { registerOfWire } from './message-register.ts'
import { PollingProvider } from './polling-provider.ts'
import type { News, ProviderFactory, RealtimeProvider } from './provider.ts'
import { Repair } from './repair.ts'
import { reportBug } from './report-bug.ts'
import { RoomChannels } from './room-channels.ts'
import { RoomLoader } from './room-loader.ts'
import { type PendingMessage, SendQueue } from './send-queue.ts'
import { Stores } from './stores.ts'
import { type TokenOption, TokenSource } from './token-source.ts'
import { WebSocketProvider } from './websocket-provider.ts'

export type SessionOptions = {
  url: string | undefined
  token: TokenOption
  nowMs: () => number
  wallClock: () => Date
  random: () => number
  fetch: typeof fetch
  transport: TransportPolicy
  longPoll: boolean
  /** Makes connections; the platform's own unless given. */
  provider: ProviderFactory | undefined
}

/** One client at work: the connection, what comes over it, and what has to be done when it comes and goes. */
export class Session {
  readonly http: HttpApi
  readonly stores: Stores
  readonly roomLoader: RoomLoader
  readonly queue: SendQueue
  readonly channels: RoomChannels
  readonly connection: Connection
  readonly catchUp: CatchUp
  readonly traceListeners = new Set<(trace: BadgeTrace) => void>()
  readonly #repair: Repair
  #isVisible = true
  /** What the present connection was told; a new one takes a device to be in view. */
  #toldVisible = true

  constructor(options: SessionOptions) {
    const { nowMs, random } = options
    const isoNow = () => options.wallClock().toISOString()
    const tokens = new TokenSource(options.token)
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
    this.queue = this.#makeQueue({ isoNow, newClientId: () => newClientId(options), random })
    this.roomLoader = roomLoader
    this.catchUp = new CatchUp({
      ...stores,
      roomLoader,
      queue: this.queue,
      isWatched: (roomId) => this.channels.find(roomId)?.isWatched === true,
    })
    this.connection = new Connection({
      provider: options.provider ?? providers({ ...options, http }),
      policy: options.transport,
      tokens,
      nowMs,
      random,
      onOpening: () => stores.clock.begin(),
      onEvent: (event, payload) => handleFrame(handlers, event, payload),
      onNews: (news) => this.#apply(news),
      onAuthenticated: (user) => stores.authenticated(user),
      catchUp: (provider) => this.#catchUp(provider),
      onLive: () => this.#live(),
      onDown: () => this.#down(),
    })
    const { connection, catchUp, queue } = this
    this.#repair = new Repair({
      catchUp,
      connection,
      doRowsDisagree: () => stores.rooms.disagreesWith(stores.badge.value.get()),
      random,
    })
    stores.badge.value.subscribe(() => this.#repair.noteNumbers())
    stores.rooms.list.subscribe(() => this.#repair.noteNumbers())
    this.channels = new RoomChannels({
      connection,
      http,
      stores,
      roomLoader,
      queue,
      isVisible: () => this.#isVisible,
      onBehind: (channel) => this.#repair.noteRoom(channel),
      catchUp: (channel) => catchUp.repair(connection.provider(), { channels: [channel], rows: 'none' }),
      nowMs,
      random,
    })
    const handlers = frameHandlers({
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

  setVisible(isVisible: boolean): void {
    this.#isVisible = isVisible
    if (this.connection.isLive) this.#tellVisibility(this.connection.provider()).catch(reportBug)
    if (!isVisible) return
    this.connection.dispatch({ kind: 'wake' })
    for (const channel of this.channels.all()) channel.resume()
  }

  setOnline(isOnline: boolean): void {
    this.connection.dispatch({ kind: isOnline ? 'network-found' : 'network-lost' })
  }

  #apply(news: News): void {
    const watched = this.channels.watched()
    if (this.catchUp.applyNews(news, watched)) return
    this.catchUp.run(this.connection.provider(), watched).catch(reportBug)
  }

  async #tellVisibility(provider: RealtimeProvider): Promise<void> {
    const visible = this.#isVisible
    if (visible === this.#toldVisible) return
    this.#toldVisible = visible
    await provider.send('visibility', { visible })
    if (!visible) return
    await Promise.all(this.channels.watched().map((channel) => channel.shown()))
  }

  #makeQueue(
    options: Pick<ConstructorParameters<typeof SendQueue>[0], 'isoNow' | 'newClientId' | 'random'>,
  ): SendQueue {
    return new SendQueue({
      ...options,
      deliver: (message) => this.#deliver(message),
      isLive: () => this.connection.isLive,
      onChange: (roomId) => this.channels.find(roomId)?.changed(),
      onUnauthorized: (error) => this.connection.unauthorized(error),
    })
  }

  async #deliver({ roomId, text, type, clientId, replyTo }: PendingMessage): Promise<void> {
    const { message: wire } = await this.connection.provider().send('send-message', {
      roomId,
      message: text,
      messageType: type,
      clientId,
      replyTo,
    })
    const register = registerOfWire(wire)
    this.channels.find(roomId)?.log.applyMessage(register)
    this.stores.rooms.applyMessage(register.message)
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
    this.#tellVisibility(this.connection.provider()).catch(reportBug)
    this.queue.resume()
    this.stores.notifications.refresh()
    for (const channel of this.channels.all()) channel.connectionLive()
  }

  #down(): void {
    this.#toldVisible = true
    this.queue.pause()
    this.#repair.clear()
    this.stores.connectionLost()
    for (const channel of this.channels.all()) channel.connectionLost()
  }
}

function providers(
  options: Pick<SessionOptions, 'url' | 'longPoll' | 'nowMs' | 'random'> & { http: HttpApi },
): ProviderFactory {
  return (listener, transport) =>
    transport === 'websocket'
      ? new WebSocketProvider({ ...options, listener })
      : new PollingProvider({ ...options, listener })
}
