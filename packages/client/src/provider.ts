import type {
  ClientEventInput,
  ClientEventName,
  ClientEventResult,
  RoomId,
  ServerEventName,
  ServerEventPayload,
  WireUser,
} from '@tally/protocol'

/** How frames travel. */
export type Transport = 'websocket' | 'polling'

/** What a provider tells its owner. Called in the order in which things happened. */
export type ProviderListener = {
  onEvent<E extends ServerEventName>(event: E, payload: ServerEventPayload<E>): void
  /** The connection broke. Not called after `close`. */
  onLost(reason: string): void
  /** An acknowledgement came this long after its request. */
  onRoundTrip(roundTripMs: number): void
}

/**
 * One connection to a server, used once: after it broke or was closed a new one is made. Providers differ in how
 * frames travel and in nothing else.
 */
export interface RealtimeProvider {
  readonly transport: Transport
  /** @throws RequestError: the token's refusal, or `unavailable` when there is no connection to be had. */
  connect(token: string): Promise<WireUser>
  /** Shows a newer token of the same person; nothing else of the connection changes. @throws RequestError */
  authenticate(token: string): Promise<WireUser>
  /** From now on the room counts as open here and its messages arrive. Nothing is read by that. */
  subscribe(roomId: RoomId): Promise<ClientEventResult<'join-room'>>
  unsubscribe(roomId: RoomId): Promise<void>
  /** @throws RequestError: the server's refusal; `timeout` or `unavailable` when nobody knows whether it took effect. */
  send<E extends Exclude<ClientEventName, 'request-unread-count-sync'>>(
    event: E,
    payload: ClientEventInput<E>,
  ): Promise<ClientEventResult<E>>
  close(): void
}

/** Makes a provider. Nothing happens before its `connect`. */
export type ProviderFactory = (listener: ProviderListener) => RealtimeProvider
