import { expect, test } from 'vitest'
import {
  type AuthRefusal,
  type ConnectionEvent,
  type ConnectionState,
  type Moment,
  nextConnection,
} from '../src/connection-state.ts'

const problem = { code: 'unavailable', message: 'gone' }
const refusal = (retry: AuthRefusal['retry'], retryAfterMs?: number): AuthRefusal => ({
  code: 'token_expired',
  message: 'old',
  retry,
  retryAfterMs,
})
const expired = { code: 'token_expired', message: 'old' }

const STATES: readonly ConnectionState[] = [
  { phase: 'closed' },
  { phase: 'connecting', failures: 2, freshToken: false },
  { phase: 'connecting', failures: 2, freshToken: true },
  { phase: 'catching-up', failures: 2 },
  { phase: 'live', isRenewing: false },
  { phase: 'live', isRenewing: true },
  { phase: 'offline', failures: 2, freshToken: false, retryAtMs: 5_000, problem },
  { phase: 'needs-auth', problem },
]

const EVENTS: readonly ConnectionEvent[] = [
  { kind: 'start' },
  { kind: 'stop' },
  { kind: 'authenticated' },
  { kind: 'auth-refused', refusal: refusal('after_auth') },
  { kind: 'auth-refused', refusal: refusal('later', 7_000) },
  { kind: 'auth-refused', refusal: refusal('never') },
  { kind: 'renewal-refused', refusal: refusal('after_auth') },
  { kind: 'renewal-refused', refusal: refusal('later') },
  { kind: 'renewal-refused', refusal: refusal('never') },
  { kind: 'caught-up' },
  { kind: 'lost', problem },
  { kind: 'retry-due' },
  { kind: 'wake' },
  { kind: 'draining', reconnectInMs: 800 },
  { kind: 'ended', problem },
]

const moment: Moment = { nowMs: 10_000, random: 0.5 }

/** What follows an event: the phase and the effects, as one cell of the table. */
function cell(state: ConnectionState, event: ConnectionEvent): string {
  const { state: next, effects } = nextConnection(state, event, moment)
  const flag = 'freshToken' in next && next.freshToken ? ' fresh' : ''
  const renews = next.phase === 'live' && next.isRenewing ? ' renewing' : ''
  const done = effects.map((effect) =>
    'delayMs' in effect ? `${effect.kind} ${effect.delayMs}` : effect.kind,
  )
  return [`${next.phase}${flag}${renews}`, ...done].join(' + ')
}

/** One row of the table: what changes nothing is left out. */
function row(state: ConnectionState): Record<string, string> {
  const cells = EVENTS.filter((event) => {
    const { state: next, effects } = nextConnection(state, event, moment)
    return next !== state || effects.length > 0
  }).map((event) => [
    `${event.kind}${'refusal' in event ? ` ${event.refusal.retry}` : ''}`,
    cell(state, event),
  ])
  return Object.fromEntries(cells)
}

const [closed, connecting, connectingFresh, catchingUp, live, renewing, offline, needsAuth] = STATES

test('closed: only a start does anything', () => {
  expect(row(closed!)).toEqual({ start: 'connecting + open', stop: 'closed' })
})

test('connecting: let in, refused, lost, or sent away', () => {
  expect(row(connecting!)).toEqual({
    stop: 'closed + close',
    authenticated: 'catching-up + catch-up',
    'auth-refused after_auth': 'connecting fresh + close + open',
    'auth-refused later': 'offline + close + retry-in 7000',
    'auth-refused never': 'closed + close',
    lost: 'offline + close + retry-in 2000',
    ended: 'closed + close',
  })
})

test('connecting with a fresh token: a refusal is final until somebody signs in', () => {
  expect(cell(connectingFresh!, { kind: 'auth-refused', refusal: refusal('after_auth') })).toBe(
    'needs-auth + close',
  )
})

test('catching up: live when done; whatever goes wrong is tried again from the start', () => {
  expect(row(catchingUp!)).toEqual({
    'caught-up': 'live',
    stop: 'closed + close',
    'auth-refused after_auth': 'offline fresh + close + retry-in 2000',
    'auth-refused later': 'offline fresh + close + retry-in 7000',
    'auth-refused never': 'closed + close',
    lost: 'offline + close + retry-in 2000',
    draining: 'catching-up + retry-in 800',
    'retry-due': 'connecting + close + open',
    ended: 'closed + close',
  })
})

test('live: a token is renewed in place, a draining server is left at its moment', () => {
  expect(row(live!)).toEqual({
    stop: 'closed + close',
    authenticated: 'live',
    'auth-refused after_auth': 'live renewing + renew',
    'auth-refused later': 'live renewing + renew',
    'auth-refused never': 'closed + close',
    'renewal-refused after_auth': 'needs-auth + close',
    'renewal-refused later': 'offline fresh + close + retry-in 500',
    'renewal-refused never': 'closed + close',
    lost: 'offline + close + retry-in 500',
    draining: 'live + retry-in 800',
    'retry-due': 'connecting + close + open',
    ended: 'closed + close',
  })
})

test('live and renewing: one renewal at a time, whoever else is refused meanwhile', () => {
  expect(cell(renewing!, { kind: 'auth-refused', refusal: refusal('after_auth') })).toBe('live renewing')
  expect(cell(renewing!, { kind: 'authenticated' })).toBe('live')
})

test('offline: waits for its moment, or for somebody who looks', () => {
  expect(row(offline!)).toEqual({
    start: 'connecting + close + open',
    stop: 'closed + close',
    'retry-due': 'connecting + open',
    wake: 'connecting + close + open',
    ended: 'closed + close',
  })
})

test('needs-auth: a start tries with a fresh token', () => {
  expect(row(needsAuth!)).toEqual({ start: 'connecting fresh + open', stop: 'closed', ended: 'closed' })
})

test('waits grow from 1 s to 30 s with full jitter, and begin anew after the connection was live', () => {
  let state: ConnectionState = { phase: 'live', isRenewing: false }
  const longestMs: number[] = []
  for (let failure = 0; failure < 8; failure++) {
    const lost = nextConnection(state, { kind: 'lost', problem }, { nowMs: 0, random: 0.999_999 })
    longestMs.push(Math.round(delayOf(lost)))
    expect(delayOf(nextConnection(state, { kind: 'lost', problem }, { nowMs: 0, random: 0 }))).toBe(0)
    state = nextConnection(lost.state, { kind: 'retry-due' }, moment).state
  }
  expect(longestMs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  state = nextConnection(state, { kind: 'authenticated' }, moment).state
  state = nextConnection(state, { kind: 'caught-up' }, moment).state
  expect(
    delayOf(nextConnection(state, { kind: 'lost', problem }, { nowMs: 0, random: 0.999_999 })),
  ).toBeCloseTo(1_000)
})

test('a server that lets in and never catches up is asked less and less often', () => {
  let state: ConnectionState = { phase: 'connecting', failures: 4, freshToken: false }
  state = nextConnection(state, { kind: 'authenticated' }, moment).state
  expect(delayOf(nextConnection(state, { kind: 'lost', problem }, moment))).toBe(8_000)
})

test('a wait is never shorter than the server asked for, and says when it ends and why', () => {
  const { state } = nextConnection(live!, { kind: 'lost', problem, retryAfterMs: 60_000 }, moment)
  expect(state).toEqual({ phase: 'offline', failures: 1, freshToken: false, retryAtMs: 70_000, problem })
})

test('an ended session says why and stays ended', () => {
  const { state } = nextConnection(live!, { kind: 'auth-refused', refusal: refusal('never') }, moment)
  expect(state).toEqual({ phase: 'closed', problem: expired })
  for (const event of EVENTS) {
    if (event.kind !== 'start' && event.kind !== 'stop')
      expect(nextConnection(state, event, moment).state).toBe(state)
  }
})

test('no state with any event leaves a connection open that it does not know of', () => {
  for (const state of STATES) {
    for (const event of EVENTS) {
      const { state: next, effects } = nextConnection(state, event, moment)
      const wasOpen = ['connecting', 'catching-up', 'live'].includes(state.phase)
      const kinds = effects.map(({ kind }) => kind)
      const isOpen = ['connecting', 'catching-up', 'live'].includes(next.phase)
      if (wasOpen && !isOpen) expect(kinds).toContain('close')
      if (wasOpen && kinds.includes('open'))
        expect(kinds.indexOf('close')).toBeLessThan(kinds.indexOf('open'))
      if (!wasOpen && isOpen) expect(kinds).toContain('open')
      if (next.phase === 'offline' && state.phase !== 'offline') expect(kinds).toContain('retry-in')
    }
  }
})

function delayOf({ effects }: ReturnType<typeof nextConnection>): number {
  const wait = effects.find((effect) => effect.kind === 'retry-in')
  return wait?.kind === 'retry-in' ? wait.delayMs : Number.NaN
}
