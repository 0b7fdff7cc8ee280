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
 * `failures` counts tries that failed since the connection was last live.
 */
export type ConnectionState =
  | { phase: 'closed'; problem?: ConnectionProblem }
  | { phase: 'connecting'; failures: number; freshToken: boolean }
  | { phase: 'catching-up'; failures: number }
  | { phase: 'live' }
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
  | { kind: 'caught-up' }
  /** It could not be opened, or broke. */
  | { kind: 'lost'; problem: ConnectionProblem; retryAfterMs?: number | undefined }
  | { kind: 'retry-due' }
  /** Somebody looks at the app again, or the network is back: no reason to wait any longer. */
  | { kind: 'wake' }
  | { kind: 'draining'; reconnectInMs: number }
  /** The server ended the session: coming back by itself would be wrong. */
  | { kind: 'ended'; problem: ConnectionProblem }

/** What has to be done after a transition, in order. */
export type ConnectionEffect =
  | { kind: 'open'; freshToken: boolean }
  | { kind: 'close' }
  | { kind: 'catch-up' }
  | { kind: 'retry-in'; delayMs: number }
  | { kind: 'cancel-retry' }

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
    'caught-up': stay,
    lost: waitAfterLoss,
    'retry-due': stay,
    wake: stay,
    draining: waitForDrain,
    ended: (_, { problem }) => close(problem),
  },
  'catching-up': {
    start: stay,
    stop: () => close(),
    authenticated: stay,
    'auth-refused': refusedInside,
    'caught-up': () => stay({ phase: 'live' }),
    lost: waitAfterLoss,
    'retry-due': stay,
    wake: stay,
    draining: waitForDrain,
    ended: (_, { problem }) => close(problem),
  },
  live: {
    start: stay,
    stop: () => close(),
    authenticated: stay,
    'auth-refused': refusedInside,
    'caught-up': stay,
    lost: waitAfterLoss,
    'retry-due': stay,
    wake: stay,
    draining: waitForDrain,
    ended: (_, { problem }) => close(problem),
  },
  offline: {
    start: openNow,
    stop: () => ({ state: { phase: 'closed' }, effects: [{ kind: 'cancel-retry' }] }),
    authenticated: stay,
    'auth-refused': stay,
    'caught-up': stay,
    lost: stay,
    'retry-due': (state) => open(state),
    wake: openNow,
    draining: stay,
    ended: (_, { problem }) => ({ state: { phase: 'closed', problem }, effects: [{ kind: 'cancel-retry' }] }),
  },
  'needs-auth': {
    start: () => open({ failures: 0, freshToken: true }),
    stop: () => stay({ phase: 'closed' }),
    authenticated: stay,
    'auth-refused': stay,
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

function openNow(state: StateOf<'offline'>): ConnectionStep {
  const step = open(state)
  return { ...step, effects: [{ kind: 'cancel-retry' }, ...step.effects] }
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

function waitForDrain(state: Connected, event: EventOf<'draining'>, moment: Moment): ConnectionStep {
  return wait({ failures: failuresOf(state), freshToken: false, delayMs: event.reconnectInMs, moment })
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
  const { code, message, retry, retryAfterMs } = refusal
  const problem = { code, message }
  if (retry === 'later') return waitAfterLoss(state, { kind: 'lost', problem, retryAfterMs }, moment)
  if (retry === 'never') return close(problem)
  if (state.freshToken) return { state: { phase: 'needs-auth', problem }, effects: [{ kind: 'close' }] }
  // The token was kept from earlier: its owner may have a newer one.
  const step = open({ failures: state.failures, freshToken: true })
  return { ...step, effects: [{ kind: 'close' }, ...step.effects] }
}

/** The token expired while connected. With a wait, since a server that lets in and then refuses must not be hammered. */
function refusedInside(
  state: StateOf<'catching-up'> | StateOf<'live'>,
  { refusal }: EventOf<'auth-refused'>,
  moment: Moment,
): ConnectionStep {
  const { code, message, retry } = refusal
  if (retry === 'never') return close({ code, message })
  const failures = failuresOf(state)
  const delayMs = Math.max(refusal.retryAfterMs ?? 0, backOffMs({ failures, random: moment.random }))
  return wait({ failures: failures + 1, freshToken: true, delayMs, problem: { code, message }, moment })
}
