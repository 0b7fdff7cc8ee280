import type { RetryAdvice } from '@tally/protocol'
import type { Transport } from './provider.ts'

/** Why a connection is not there: for developers and for the words a person sees. */
export type ConnectionProblem = { code: string; message: string }

/** A refusal of the token, with the server's advice. */
export type AuthRefusal = ConnectionProblem & { retry: RetryAdvice; retryAfterMs?: number | undefined }

/** Which ways frames may travel. `auto`: by WebSocket, and by polling while that does not come through. */
export type TransportPolicy = 'auto' | Transport

/** What went wrong so far. */
export type Setbacks = {
  /** Tries that failed since the connection was last up for a while. */
  failures: number
  /**
   * Times in a row that WebSocket failed where polling worked, or did not hold for a while: what stands in between lets no
   * sockets through, or cuts them.
   */
  socketFailures: number
}

/**
 * Where the connection stands.
 * - `closed`: not started, stopped, or ended for good by the server (then with its reason).
 * - `connecting`: token, transport and authentication are under way.
 * - `catching-up`: authenticated; what was missed is being fetched.
 * - `live`: everything shown is current, over a WebSocket.
 * - `polling`: everything shown is current as of the last poll; `isProbing`: whether a WebSocket is being tried beside it.
 * - `offline`: waiting for the next try.
 * - `needs-auth`: the token was refused and a fresh one too; `start` tries anew.
 *
 * `isRenewing`: the token expired and a fresh one is being shown to the server, over the same connection.
 */
export type ConnectionState =
  | { phase: 'closed'; problem?: ConnectionProblem | undefined }
  | ({ phase: 'connecting'; transport: Transport; freshToken: boolean } & Setbacks)
  | ({ phase: 'catching-up'; transport: Transport } & Setbacks)
  | ({ phase: 'live'; isRenewing: boolean; sinceMs: number } & Setbacks)
  | ({ phase: 'polling'; isRenewing: boolean; isProbing: boolean; sinceMs: number } & Setbacks)
  | ({ phase: 'offline'; freshToken: boolean; retryAtMs: number; problem?: ConnectionProblem } & Setbacks)
  | { phase: 'needs-auth'; problem: ConnectionProblem }

/** What can happen to it. */
export type ConnectionEvent =
  | { kind: 'start' }
  | { kind: 'stop' }
  /** The server took the token, over this transport: tabs that share a connection get the one that is there. */
  | { kind: 'authenticated'; transport: Transport }
  | { kind: 'auth-refused'; refusal: AuthRefusal }
  | { kind: 'renewal-refused'; refusal: AuthRefusal }
  | { kind: 'caught-up' }
  /** It could not be opened, or broke. `isFault`: not by the server's own word, so another transport may fare better. */
  | { kind: 'lost'; problem: ConnectionProblem; retryAfterMs?: number | undefined; isFault: boolean }
  /** A WebSocket was asked for and nothing is heard of it. */
  | { kind: 'slow' }
  | { kind: 'retry-due' }
  /** A WebSocket may be tried again beside the polling. */
  | { kind: 'probe-due' }
  | { kind: 'probe-succeeded' }
  | { kind: 'probe-failed' }
  /** Somebody looks at the app again: no reason to wait any longer. */
  | { kind: 'wake' }
  /** The device says that it has no network, or has one again. */
  | { kind: 'network-lost' }
  | { kind: 'network-found' }
  | { kind: 'policy-changed' }
  /** The server is about to go; it serves until the moment at which it wants this client to go elsewhere. */
  | { kind: 'draining'; reconnectInMs: number }
  /** The server ended the session: coming back by itself would be wrong. */
  | { kind: 'ended'; problem: ConnectionProblem }

/** What has to be done after a transition, in order. */
export type ConnectionEffect =
  /** `patienceMs`: after this long without an answer, say `slow`. */
  | { kind: 'open'; transport: Transport; freshToken: boolean; patienceMs?: number }
  /** Ends the connection, or the wait for one, and everything that was to happen later. */
  | { kind: 'close' }
  | { kind: 'catch-up' }
  /** Shows the server a fresh token. */
  | { kind: 'renew' }
  | { kind: 'retry-in'; delayMs: number }
  /** Tries a WebSocket beside the connection. */
  | { kind: 'probe' }
  | { kind: 'probe-in'; delayMs: number }
  /** The WebSocket that was tried becomes the connection, in place of the one there is. */
  | { kind: 'adopt-probe' }

/** Time, chance and the wishes of whoever uses the client, at the moment an event is handled. */
export type Moment = { nowMs: number; random: number; policy: TransportPolicy }

export type ConnectionStep = { state: ConnectionState; effects: readonly ConnectionEffect[] }

export type Phase = ConnectionState['phase']
export type EventKind = ConnectionEvent['kind']
export type StateOf<P extends Phase> = Extract<ConnectionState, { phase: P }>
export type EventOf<K extends EventKind> = Extract<ConnectionEvent, { kind: K }>

/** Whether everything that is shown is current. */
export function isCurrent({ phase }: Pick<ConnectionState, 'phase'>): boolean {
  return phase === 'live' || phase === 'polling'
}
