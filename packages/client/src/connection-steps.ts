import { backOffMs, retryDelayMs } from './back-off.ts'
import type {
  AuthRefusal,
  ConnectionEffect,
  ConnectionEvent,
  ConnectionProblem,
  ConnectionState,
  ConnectionStep,
  EventOf,
  Moment,
  Setbacks,
  StateOf,
} from './connection-state.ts'
import type { Transport } from './provider.ts'

/** A server that says nothing for this long over a WebSocket is asked over polling meanwhile. */
const SOCKET_PATIENCE_MS = 4_000
/** A connection that was up for less than this did not work yet: the waits go on growing. */
const STEADY_AFTER_MS = 10_000
/** Without a network, a try now and then all the same: devices are wrong about that, too. */
const BLIND_RETRY_MS = 30_000
/** Between two tries of a WebSocket that something in between keeps from working. */
const LONGEST_PROBE_WAIT_MS = 120_000

type Up = StateOf<'live'> | StateOf<'polling'>
type Underway = StateOf<'connecting'> | StateOf<'catching-up'>
type Opening = Setbacks & { freshToken: boolean }

/** Nothing went wrong. */
export const FRESH: Setbacks = { failures: 0, socketFailures: 0 }

const NOTHING: readonly ConnectionEffect[] = []

export function stay(state: ConnectionState): ConnectionStep {
  return { state, effects: NOTHING }
}

/** Opens a connection where there is none, by the transport that is most likely to work. */
export function openFirst(opening: Opening, { policy }: Moment): ConnectionStep {
  const isBlocked = policy === 'auto' && opening.socketFailures > 0
  const transport = policy === 'polling' || isBlocked ? 'polling' : 'websocket'
  return open(transport, opening, policy === 'auto')
}

/** Instead of what is there, be it a connection or the wait for one. */
export function openAnew(opening: Opening, _event: ConnectionEvent, moment: Moment): ConnectionStep {
  return afterClose(openFirst(opening, moment))
}

export function close(problem?: ConnectionProblem): ConnectionStep {
  return {
    state: { phase: 'closed', problem },
    effects: [{ kind: 'close' }],
  }
}

/** A WebSocket that does not come about: polling is tried at once. Polling that does not: there is no network. */
export function fallBackOrWait(state: Underway, event: EventOf<'lost'>, moment: Moment): ConnectionStep {
  if (!event.isFault || !mayFallBack(state, moment)) return waitAfterLoss(state, event, moment)
  // It let the person in before it broke: a socket that comes about and does not hold.
  const socketFailures = state.socketFailures + (state.phase === 'catching-up' ? 1 : 0)
  return fallBack({ ...state, socketFailures })
}

/** Nothing is heard of a WebSocket: without another way, its own deadline decides. */
export function fallBackOrStay(state: Underway, _event: EventOf<'slow'>, moment: Moment): ConnectionStep {
  return mayFallBack(state, moment) ? fallBack(state) : stay(state)
}

/** What ended a connection, or the try to make one. */
type Setback = {
  problem: ConnectionProblem
  retryAfterMs?: number | undefined
  isFault?: boolean
  freshToken?: boolean
}

/** One failure more; not before the server asked for it. */
export function waitAfterLoss(
  state: Underway | Up,
  { problem, retryAfterMs, isFault, freshToken = false }: Setback,
  moment: Moment,
): ConnectionStep {
  const { failures, socketFailures } = setbacksOf(state, moment, isFault)
  const delayMs = retryDelayMs({ retryAfterMs }, { failures, random: moment.random })
  return wait({ failures: failures + 1, socketFailures, freshToken, problem }, delayMs, moment)
}

/** The device says that nothing can be reached: it says so again when that is over. */
export function waitForNetwork(
  state: Underway | Up | StateOf<'offline'>,
  _event: EventOf<'network-lost'>,
  moment: Moment,
): ConnectionStep {
  const problem = { code: 'unavailable', message: 'The device is offline.' }
  const freshToken = 'freshToken' in state && state.freshToken
  return wait({ ...setbacksOf(state, moment), freshToken, problem }, BLIND_RETRY_MS, moment)
}

/** What was missed is here. */
export function becomeCurrent(
  { transport, failures, socketFailures }: StateOf<'catching-up'>,
  _event: EventOf<'caught-up'>,
  moment: Moment,
): ConnectionStep {
  const { nowMs, policy } = moment
  const current = { isRenewing: false, sinceMs: nowMs, failures, socketFailures }
  if (transport === 'websocket') return stay({ phase: 'live', ...current })
  if (policy !== 'auto') return stay({ phase: 'polling', ...current, isProbing: false })
  const blocked = Math.max(1, socketFailures)
  return {
    state: { phase: 'polling', ...current, isProbing: false, socketFailures: blocked },
    effects: [probeLater(blocked, moment)],
  }
}

/** Tries a WebSocket beside the polling, one at a time. */
export function probe(
  state: StateOf<'polling'>,
  _event: ConnectionEvent,
  { policy }: Moment,
): ConnectionStep {
  if (policy !== 'auto' || state.isProbing) return stay(state)
  return { state: { ...state, isProbing: true }, effects: [{ kind: 'probe' }] }
}

export function adoptProbe(state: StateOf<'polling'>): ConnectionStep {
  if (!state.isProbing) return stay(state)
  const { failures, socketFailures } = state
  return {
    state: { phase: 'catching-up', transport: 'websocket', failures, socketFailures },
    effects: [{ kind: 'adopt-probe' }, { kind: 'catch-up' }],
  }
}

export function probeFailed(
  state: StateOf<'polling'>,
  _event: EventOf<'probe-failed'>,
  moment: Moment,
): ConnectionStep {
  if (!state.isProbing) return stay(state)
  const socketFailures = state.socketFailures + 1
  return {
    state: { ...state, isProbing: false, socketFailures },
    effects: [probeLater(socketFailures, moment)],
  }
}

export function leaveLater(state: ConnectionState, { reconnectInMs }: EventOf<'draining'>): ConnectionStep {
  return { state, effects: [{ kind: 'retry-in', delayMs: reconnectInMs }] }
}

/** A token was refused before it let anybody in. */
export function refusedAtTheDoor(
  state: StateOf<'connecting'>,
  { refusal }: EventOf<'auth-refused'>,
  moment: Moment,
): ConnectionStep {
  const { retryAfterMs } = refusal
  if (refusal.retry === 'later')
    return waitAfterLoss(state, { problem: problemOf(refusal), retryAfterMs }, moment)
  if (refusal.retry === 'never') return close(problemOf(refusal))
  if (state.freshToken) return needAuth(refusal)
  // The token was kept from earlier: its owner may have a newer one.
  return afterClose(open(state.transport, { ...state, freshToken: true }, moment.policy === 'auto'))
}

/** Let in, and then refused. With a wait: a server that does this again and again must not be hammered. */
export function refusedInside(
  state: StateOf<'catching-up'>,
  { refusal }: EventOf<'auth-refused'>,
  moment: Moment,
): ConnectionStep {
  return refusal.retry === 'never' ? close(problemOf(refusal)) : waitForFreshToken(state, refusal, moment)
}

/** The token expired: the connection stays, a fresh one is shown. */
export function renew(state: Up, { refusal }: EventOf<'auth-refused'>): ConnectionStep {
  if (refusal.retry === 'never') return close(problemOf(refusal))
  if (state.isRenewing) return stay(state)
  return { state: { ...state, isRenewing: true }, effects: [{ kind: 'renew' }] }
}

export function renewalRefused(
  state: Up,
  { refusal }: EventOf<'renewal-refused'>,
  moment: Moment,
): ConnectionStep {
  if (refusal.retry === 'later') return waitForFreshToken(state, refusal, moment)
  return refusal.retry === 'never' ? close(problemOf(refusal)) : needAuth(refusal)
}

function open(transport: Transport, opening: Opening, canFallBack: boolean): ConnectionStep {
  const { failures, socketFailures, freshToken } = opening
  const patience = canFallBack && transport === 'websocket' ? { patienceMs: SOCKET_PATIENCE_MS } : {}
  return {
    state: { phase: 'connecting', transport, failures, socketFailures, freshToken },
    effects: [{ kind: 'open', transport, freshToken, ...patience }],
  }
}

function afterClose({ state, effects }: ConnectionStep): ConnectionStep {
  return { state, effects: [{ kind: 'close' }, ...effects] }
}

function mayFallBack({ transport }: Underway, { policy }: Moment): boolean {
  return policy === 'auto' && transport === 'websocket'
}

function fallBack(state: Underway): ConnectionStep {
  const freshToken = state.phase === 'connecting' && state.freshToken
  return afterClose(open('polling', { ...state, freshToken }, false))
}

/** @param isCut whether it broke without the server's word: a WebSocket that did not hold failed like one that did not come about. */
function setbacksOf(state: Underway | Up | StateOf<'offline'>, { nowMs }: Moment, isCut = false): Setbacks {
  const { phase, failures, socketFailures } = state
  const isUp = phase === 'live' || phase === 'polling'
  const wasSteady = isUp && nowMs - state.sinceMs >= STEADY_AFTER_MS
  if (phase !== 'live') return { failures: wasSteady ? 0 : failures, socketFailures }
  return wasSteady ? FRESH : { failures, socketFailures: socketFailures + (isCut ? 1 : 0) }
}

function probeLater(failures: number, { random }: Moment): ConnectionEffect {
  const delayMs = backOffMs({ failures, random, longestMs: LONGEST_PROBE_WAIT_MS })
  return { kind: 'probe-in', delayMs }
}

function wait(
  waiting: Setbacks & { freshToken: boolean; problem: ConnectionProblem },
  delayMs: number,
  { nowMs }: Moment,
): ConnectionStep {
  return {
    state: { phase: 'offline', ...waiting, retryAtMs: nowMs + delayMs },
    effects: [{ kind: 'close' }, { kind: 'retry-in', delayMs }],
  }
}

function waitForFreshToken(state: Underway | Up, refusal: AuthRefusal, moment: Moment): ConnectionStep {
  const { retryAfterMs } = refusal
  return waitAfterLoss(state, { problem: problemOf(refusal), retryAfterMs, freshToken: true }, moment)
}

function needAuth(refusal: AuthRefusal): ConnectionStep {
  return { state: { phase: 'needs-auth', problem: problemOf(refusal) }, effects: [{ kind: 'close' }] }
}

function problemOf({ code, message }: AuthRefusal): ConnectionProblem {
  return { code, message }
}
