import type {
  ClientEventInput,
  ClientEventResult,
  NamedRoom,
  RequestError,
  Room,
  RoomId,
  ServerEventName,
  ServerEventPayload,
  SyncAnswer,
  WireUser,
} from '@tally/protocol'

/** How frames travel. */
export type Transport = 'websocket' | 'polling'

/** What is sent over a connection; everything else is a request of its own. */
export type RealtimeEvent = 'send-message' | 'mark-read' | 'mark-delivered' | 'visibility' | 'typing' | 'sync'

/** What a poll brought: everything that moved since the one before, and what it was asked for of which rooms. */
export type News = { readonly answer: SyncAnswer; readonly asked: readonly NamedRoom[] }

/** What a provider tells its owner. Called in the order in which things happened. */
export type ProviderListener = {
  onEvent<E extends ServerEventName>(event: E, payload: ServerEventPayload<E>): void
  /**
   * The same news as frames, from a transport that has none; `null` when there was nothing new. With it, each time, how many
   * people have one of the rooms open that were subscribed to.
   */
  onNews(news: News | null, activeUsers: number | undefined): void
  /** The connection broke, or the server refuses it from now on. Not called after `close`. */
  onLost(error: RequestError): void
  /** An acknowledgement came this long after its request. */
  onRoundTrip(roundTripMs: number): void
}

/**
 * Where the room and the own reading stand. `rowsCome`: over this transport the rows of an open room are told as those of
 * any other, where a connection keeps them back. `room`: all of it as of then, where that came by itself.
 */
export type Subscription = ClientEventResult<'join-room'> & { rowsCome?: true; room?: Room }

/**
 * One connection to a server, used once: after it broke or was closed a new one is made. Providers differ in how
 * news travel and in nothing else.
 */
export interface RealtimeProvider {
  /** Known once it is connected. */
  readonly transport: Transport
  /** @throws RequestError: the token's refusal, or `unavailable` when there is no connection to be had. */
  connect(token: string): Promise<WireUser>
  /** Shows a newer token of the same person; nothing else of the connection changes. @throws RequestError */
  authenticate(token: string): Promise<WireUser>
  /** From now on the room's messages arrive, and it counts as open here. Nothing is read by that. */
  subscribe(roomId: RoomId): Promise<Subscription>
  unsubscribe(roomId: RoomId): Promise<void>
  /** @throws RequestError: the server's refusal; `timeout` or `unavailable` when nobody knows whether it took effect. */
  send<E extends RealtimeEvent>(event: E, payload: ClientEventInput<E>): Promise<ClientEventResult<E>>
  close(): void
}

/** Makes a provider. Nothing happens before its `connect`. */
export type ProviderFactory = (listener: ProviderListener, transport: Transport) => RealtimeProvider
