import type {
  ErrorDetail,
  RoomId,
  ServerEventName,
  ServerEventPayload,
  WireMessage,
  WireUser,
} from '@tally/protocol'
import type { Waiting } from './pending-message.ts'
import type { News, RealtimeEvent, Transport } from './provider.ts'

/** Names one tab among those of a person. */
export type TabId = string

/** Names one connection of a tab that leads: what is said of another one is of before. */
export type ConnectionId = string

/** What a tab asks of the one that holds the connection. */
export type TabCall =
  /** To take part in its connection. `visible`: whether the tab that asks is in view. */
  | { method: 'hello'; visible: boolean }
  | { method: 'authenticate'; token: string }
  | { method: 'subscribe'; roomId: RoomId }
  | { method: 'unsubscribe'; roomId: RoomId }
  | { method: 'send'; event: RealtimeEvent; payload: unknown }

/** One of a tab's links to the connection: it may try a further one beside the one it has. */
export type TabLinkName = { number: number; connection?: ConnectionId }

/** The connection that a link leads to. */
export type TabWelcome = { connection: ConnectionId; transport: Transport; user: WireUser }

/** What tabs of one person tell each other. */
export type TabMessage =
  | { kind: 'call'; from: TabId; id: number; link: TabLinkName; call: TabCall }
  /** The call was heard: whoever holds the connection is alive. */
  | { kind: 'heard'; to: TabId; id: number }
  | { kind: 'answer'; to: TabId; id: number; result: unknown }
  | { kind: 'refusal'; to: TabId; id: number; error: ErrorDetail }
  /** This link of the tab is gone, or all of them. */
  | { kind: 'bye'; from: TabId; link?: number }
  /** There is a connection to take part in, or somebody looks at a tab again: no reason to wait any longer. */
  | { kind: 'wake' }
  | { kind: 'down'; connection: ConnectionId; error: ErrorDetail }
  | { kind: 'frame'; connection: ConnectionId; frame: TabFrame }
  | { kind: 'news'; connection: ConnectionId; news: News | null; activeUsers: number | undefined }
  /** Another tab delivers from now on, and wants to know what waits. */
  | { kind: 'outbox-asked' }
  /** As it is kept in storage. */
  | { kind: 'outbox-put'; kept: string }
  | { kind: 'outbox-removed'; message: Waiting }
  /** The writer wants it back: the tab that delivers knows whether it is on its way. */
  | { kind: 'outbox-discard'; message: Waiting }
  /** A message that waited is stored. */
  | { kind: 'stored'; message: WireMessage }

/** What the server told, by name. */
export type TabFrame = {
  [E in ServerEventName]: { event: E; payload: ServerEventPayload<E> }
}[ServerEventName]
