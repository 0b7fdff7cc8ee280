import type { RetryAdvice } from '@tally/protocol'
import { backOffMs } from './back-off.ts'

/** Why a connection is not there: for developers and for the words a person sees. */
export type ConnectionProblem = { code: string; message: string }

/** A refusal of the token, with the server's advice. */
export type AuthRefusal = ConnectionProblem & { retry: RetryAdvice; retryAfterMs?: number | undefined }

/**
 * Where the connection stands.
 * - `closed`: not started, stopped, or ended for good by the server (then with its reason).
 * - `connecting`: token, transport and authentication are under way.
 * - `catching-up`: authenticated; what was missed is being fetched.
 * - `live`: everything shown is current.
 * - `offline`: waiting for the next try.
 * - `needs-auth`: the token was refused and a fresh one too; `start` tries anew.
 *
 * `failures` counts tries that failed since the connection was last live; `isRenewing`: the token expired and a fresh one
 * is being shown to the server, over the same connection.
 */
export type ConnectionState =
  | { phase: 'closed'; problem?: ConnectionProblem }
  | { phase: 'connecting'; failures: number; freshToken: boolean }
  | { phase: 'catching-up'; failures: number }
  | { phase: 'live'; isRenewing: boolean }
  | {
      phase: 'offline'
      failures: number
      freshToken: boolean
      retryAtMs: number
      problem?: ConnectionProblem
    }
  | { phase: 'needs-auth'; problem: ConnectionProblem }

/** What can happen to it. */
export type ConnectionEvent =
  | { kind: 'start' }
  | { kind: 'stop' }
  | { kind: 'authenticated' }
  | { kind: 'auth-refused'; refusal: AuthRefusal }
  | { kind: 'renewal-refused'; refusal: AuthRefusal }
  | { kind: 'caught-up' }
  /** It could not be opened, or broke. */
  | { kind: 'lost'; problem: ConnectionProblem; retryAfterMs?: number | undefined }
  | { kind: 'retry-due' }
  /** Somebody looks at the app again, or the network is back: no reason to wait any longer. */
  | { kind: 'wake' }
  /** The server is about to go; it serves until the moment at which it wants this client to go elsewhere. */
  | { kind: 'draining'; reconnectInMs: number }
  /** The server ended the session: coming back by itself would be wrong. */
  | { kind: 'ended'; problem: ConnectionProblem }

/** What has to be done after a transition, in order. */
export type ConnectionEffect =
  | { kind: 'open'; freshToken: boolean }
  /** Ends the connection, or the wait for one. */
  | { kind: 'close' }
  | { kind: 'catch-up' }
  /** Shows the server a fresh token. */
  | { kind: 'renew' }
  | { kind: 'retry-in'; delayMs: number }

/** Time and chance of the moment an event is handled. */
export type Moment = { nowMs: number; random: number }

export type ConnectionStep = { state: ConnectionState; effects: readonly ConnectionEffect[] }

type Phase = ConnectionState['phase']
type Kind = ConnectionEvent['kind']
type StateOf<P extends Phase> = Extract<ConnectionState, { phase: P }>
type EventOf<K extends Kind> = Extract<ConnectionEvent, { kind: K }>

/** Every state with every event: the compiler refuses the table when one is missing. */
type Transitions = {
  readonly [P in Phase]: {
    readonly [K in Kind]: (state: StateOf<P>, event: EventOf<K>, moment: Moment) => ConnectionStep
  }
}

const NOTHING: readonly ConnectionEffect[] = []
const stay = (state: ConnectionState): ConnectionStep => ({ state, effects: NOTHING })

const transitions: Transitions = {
  closed: {
    start: () => open({ failures: 0, freshToken: false }),
    stop: () => stay({ phase: 'closed' }),
    authenticated: stay,
    'auth-refused': stay,
    'renewal-refused': stay,
    'caught-up': stay,
    lost: stay,
    'retry-due': stay,
    wake: stay,
    draining: stay,
    ended: stay,
  },
  connecting: {
    start: stay,
    stop: () => close(),
    authenticated: ({ failures }) => ({
      state: { phase: 'catching-up', failures },
      effects: [{ kind: 'catch-up' }],
    }),
    'auth-refused': refusedAtTheDoor,
    'renewal-refused': stay,
    'caught-up': stay,
    lost: waitAfterLoss,
    'retry-due': stay,
    wake: stay,
    // It breaks when the server goes, and that is early enough.
    draining: stay,
    ended: (_, { problem }) => close(problem),
  },
  'catching-up': {
    start: stay,
    stop: () => close(),
    authenticated: stay,
    'auth-refused': refusedInside,
    'renewal-refused': stay,
    'caught-up': () => stay({ phase: 'live', isRenewing: false }),
    lost: waitAfterLoss,
    'retry-due': reopen,
    wake: stay,
    draining: leaveLater,
    ended: (_, { problem }) => close(problem),
  },
  live: {
    start: stay,
    stop: () => close(),
    authenticated: () => stay({ phase: 'live', isRenewing: false }),
    'auth-refused': renew,
    'renewal-refused': renewalRefused,
    'caught-up': stay,
    lost: waitAfterLoss,
    'retry-due': reopen,
    wake: stay,
    draining: leaveLater,
    ended: (_, { problem }) => close(problem),
  },
  offline: {
    start: (state) => openAnew(state),
    stop: () => close(),
    authenticated: stay,
    'auth-refused': stay,
    'renewal-refused': stay,
    'caught-up': stay,
    lost: stay,
    'retry-due': (state) => open(state),
    wake: (state) => openAnew(state),
    draining: stay,
    ended: (_, { problem }) => close(problem),
  },
  'needs-auth': {
    start: () => open({ failures: 0, freshToken: true }),
    stop: () => stay({ phase: 'closed' }),
    authenticated: stay,
    'auth-refused': stay,
    'renewal-refused': stay,
    'caught-up': stay,
    lost: stay,
    'retry-due': stay,
    wake: stay,
    draining: stay,
    ended: (_, { problem }) => stay({ phase: 'closed', problem }),
  },
}

/** The state after an event, and what has to be done about it. Pure: time and chance are in `moment`. */
export function nextConnection(
  state: ConnectionState,
  event: ConnectionEvent,
  moment: Moment,
): ConnectionStep {
  // The table is complete by its type; the compiler cannot see that the two keys belong to the two arguments.
  const transition = transitions[state.phase][event.kind] as (
    state: ConnectionState,
    event: ConnectionEvent,
    moment: Moment,
  ) => ConnectionStep
  return transition(state, event, moment)
}

function open({ failures, freshToken }: { failures: number; freshToken: boolean }): ConnectionStep {
  return {
    state: { phase: 'connecting', failures, freshToken },
    effects: [{ kind: 'open', freshToken }],
  }
}

/** Instead of what is there, be it a connection or the wait for one. */
function openAnew(target: { failures: number; freshToken: boolean }): ConnectionStep {
  const { state, effects } = open(target)
  return { state, effects: [{ kind: 'close' }, ...effects] }
}

function reopen(): ConnectionStep {
  return openAnew({ failures: 0, freshToken: false })
}

function close(problem?: ConnectionProblem): ConnectionStep {
  return {
    state: { phase: 'closed', ...(problem === undefined ? {} : { problem }) },
    effects: [{ kind: 'close' }],
  }
}

type Connected = StateOf<'connecting'> | StateOf<'catching-up'> | StateOf<'live'>

const failuresOf = (state: Connected): number => (state.phase === 'live' ? 0 : state.failures)

function waitAfterLoss(state: Connected, event: EventOf<'lost'>, moment: Moment): ConnectionStep {
  const failures = failuresOf(state)
  const delayMs = Math.max(event.retryAfterMs ?? 0, backOffMs({ failures, random: moment.random }))
  return wait({ failures: failures + 1, freshToken: false, delayMs, problem: event.problem, moment })
}

function leaveLater(state: ConnectionState, { reconnectInMs }: EventOf<'draining'>): ConnectionStep {
  return { state, effects: [{ kind: 'retry-in', delayMs: reconnectInMs }] }
}

function wait(options: {
  failures: number
  freshToken: boolean
  delayMs: number
  moment: Moment
  problem?: ConnectionProblem
}): ConnectionStep {
  const { failures, freshToken, delayMs, moment, problem } = options
  const retryAtMs = moment.nowMs + delayMs
  return {
    state: {
      phase: 'offline',
      failures,
      freshToken,
      retryAtMs,
      ...(problem === undefined ? {} : { problem }),
    },
    effects: [{ kind: 'close' }, { kind: 'retry-in', delayMs }],
  }
}

/** A token was refused before it let anybody in. */
function refusedAtTheDoor(
  state: StateOf<'connecting'>,
  { refusal }: EventOf<'auth-refused'>,
  moment: Moment,
): ConnectionStep {
  const { retry, retryAfterMs } = refusal
  const problem = problemOf(refusal)
  if (retry === 'later') return waitAfterLoss(state, { kind: 'lost', problem, retryAfterMs }, moment)
  if (retry === 'never') return close(problem)
  if (state.freshToken) return { state: { phase: 'needs-auth', problem }, effects: [{ kind: 'close' }] }
  // The token was kept from earlier: its owner may have a newer one.
  return openAnew({ failures: state.failures, freshToken: true })
}

/** Let in, and then refused. With a wait: a server that does this again and again must not be hammered. */
function refusedInside(
  { failures }: StateOf<'catching-up'>,
  { refusal }: EventOf<'auth-refused'>,
  moment: Moment,
): ConnectionStep {
  return refusal.retry === 'never'
    ? close(problemOf(refusal))
    : waitForFreshToken({ failures, refusal, moment })
}

/** The token expired: the connection stays, a fresh one is shown. */
function renew(state: StateOf<'live'>, { refusal }: EventOf<'auth-refused'>): ConnectionStep {
  if (refusal.retry === 'never') return close(problemOf(refusal))
  if (state.isRenewing) return stay(state)
  return { state: { phase: 'live', isRenewing: true }, effects: [{ kind: 'renew' }] }
}

function renewalRefused(
  _: StateOf<'live'>,
  { refusal }: EventOf<'renewal-refused'>,
  moment: Moment,
): ConnectionStep {
  if (refusal.retry === 'later') return waitForFreshToken({ failures: 0, refusal, moment })
  const problem = problemOf(refusal)
  if (refusal.retry === 'never') return close(problem)
  return { state: { phase: 'needs-auth', problem }, effects: [{ kind: 'close' }] }
}

function waitForFreshToken(options: {
  failures: number
  refusal: AuthRefusal
  moment: Moment
}): ConnectionStep {
  const { failures, refusal, moment } = options
  const delayMs = Math.max(refusal.retryAfterMs ?? 0, backOffMs({ failures, random: moment.random }))
  return wait({ failures: failures + 1, freshToken: true, delayMs, problem: problemOf(refusal), moment })
}

function problemOf({ code, message }: AuthRefusal): ConnectionProblem {
  return { code, message }
}
