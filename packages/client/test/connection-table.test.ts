import { expect, test } from 'vitest'
import type {
  AuthRefusal,
  ConnectionEvent,
  ConnectionState,
  EventKind,
  Moment,
  Phase,
} from '../src/connection-state.ts'
import { connectionTable, nextConnection } from '../src/connection-table.ts'
import { seededRandom } from './simulation/random.ts'

const problem = { code: 'unavailable', message: 'gone' }
const expired = { code: 'token_expired', message: 'old' }
const refusal = (retry: AuthRefusal['retry'], retryAfterMs?: number): AuthRefusal => ({
  ...expired,
  retry,
  retryAfterMs,
})
const setbacks = { failures: 2, socketFailures: 0 }

const STATES: { readonly [P in Phase]: Extract<ConnectionState, { phase: P }> } = {
  closed: { phase: 'closed' },
  connecting: { phase: 'connecting', transport: 'websocket', freshToken: false, ...setbacks },
  'catching-up': { phase: 'catching-up', transport: 'websocket', ...setbacks },
  live: { phase: 'live', isRenewing: false, sinceMs: 0, ...setbacks },
  polling: {
    phase: 'polling',
    isRenewing: false,
    isProbing: false,
    sinceMs: 0,
    failures: 2,
    socketFailures: 3,
  },
  offline: { phase: 'offline', freshToken: false, retryAtMs: 12_000, problem, ...setbacks },
  'needs-auth': { phase: 'needs-auth', problem },
}

const EVENTS: { readonly [K in EventKind]: Extract<ConnectionEvent, { kind: K }> } = {
  start: { kind: 'start' },
  stop: { kind: 'stop' },
  authenticated: { kind: 'authenticated', transport: 'websocket' },
  'auth-refused': { kind: 'auth-refused', refusal: refusal('after_auth') },
  'renewal-refused': { kind: 'renewal-refused', refusal: refusal('after_auth') },
  'caught-up': { kind: 'caught-up' },
  lost: { kind: 'lost', problem, isFault: true },
  slow: { kind: 'slow' },
  'retry-due': { kind: 'retry-due' },
  'probe-due': { kind: 'probe-due' },
  'probe-succeeded': { kind: 'probe-succeeded' },
  'probe-failed': { kind: 'probe-failed' },
  wake: { kind: 'wake' },
  'network-lost': { kind: 'network-lost' },
  'network-found': { kind: 'network-found' },
  'policy-changed': { kind: 'policy-changed' },
  draining: { kind: 'draining', reconnectInMs: 800 },
  ended: { kind: 'ended', problem },
}

const PHASES = Object.keys(STATES) as Phase[]
const KINDS = Object.keys(EVENTS) as EventKind[]

/** Far enough from every `sinceMs` above for a connection to have been up for a while. */
const moment: Moment = { nowMs: 10_000, random: 0.5, policy: 'auto' }

/** What follows an event, as one cell of the table: `=` where nothing does. */
function cell(state: ConnectionState, event: ConnectionEvent, at: Moment = moment): string {
  const { state: next, effects } = nextConnection(state, event, at)
  if (next === state && effects.length === 0) return '='
  const signs = [
    next.phase,
    'freshToken' in next && next.freshToken ? 'fresh' : '',
    'isRenewing' in next && next.isRenewing ? 'renewing' : '',
    'isProbing' in next && next.isProbing ? 'probing' : '',
  ]
  const done = effects.map((effect) => {
    if (effect.kind === 'open') return `open ${effect.transport}`
    return 'delayMs' in effect ? `${effect.kind} ${effect.delayMs}` : effect.kind
  })
  return [signs.filter((sign) => sign !== '').join(' '), ...done].join(' + ')
}

const openAnew = 'connecting + close + open websocket'
const fallBack = 'connecting + close + open polling'
const blind = 'offline + close + retry-in 30000'

const TABLE: Record<Phase, Partial<Record<EventKind, string>>> = {
  closed: { start: 'connecting + open websocket', stop: 'closed' },
  connecting: {
    stop: 'closed + close',
    authenticated: 'catching-up + catch-up',
    'auth-refused': 'connecting fresh + close + open websocket',
    lost: fallBack,
    slow: fallBack,
    'network-lost': blind,
    'policy-changed': openAnew,
    ended: 'closed + close',
  },
  'catching-up': {
    stop: 'closed + close',
    'auth-refused': 'offline fresh + close + retry-in 2000',
    'caught-up': 'live',
    lost: fallBack,
    'retry-due': openAnew,
    'network-lost': blind,
    'policy-changed': openAnew,
    draining: 'catching-up + retry-in 800',
    ended: 'closed + close',
  },
  live: {
    stop: 'closed + close',
    authenticated: 'live',
    'auth-refused': 'live renewing + renew',
    'renewal-refused': 'needs-auth + close',
    lost: 'offline + close + retry-in 500',
    'retry-due': openAnew,
    'network-lost': blind,
    draining: 'live + retry-in 800',
    ended: 'closed + close',
  },
  polling: {
    stop: 'closed + close',
    authenticated: 'polling',
    'auth-refused': 'polling renewing + renew',
    'renewal-refused': 'needs-auth + close',
    lost: 'offline + close + retry-in 500',
    'probe-due': 'polling probing + probe',
    wake: 'polling probing + probe',
    'network-lost': blind,
    'network-found': 'polling probing + probe',
    'policy-changed': openAnew,
    ended: 'closed + close',
  },
  offline: {
    start: openAnew,
    stop: 'closed + close',
    'retry-due': 'connecting + open websocket',
    wake: openAnew,
    'network-lost': blind,
    'network-found': openAnew,
    'policy-changed': openAnew,
    ended: 'closed + close',
  },
  'needs-auth': { start: 'connecting fresh + open websocket', stop: 'closed', ended: 'closed' },
}

test('every state has an answer to every event, and each of them is known here', () => {
  expect(Object.keys(connectionTable).sort()).toEqual([...PHASES].sort())
  const cells = PHASES.flatMap((phase) => {
    expect(Object.keys(connectionTable[phase]).sort(), phase).toEqual([...KINDS].sort())
    return KINDS.map((kind) => [`${phase} / ${kind}`, cell(STATES[phase], EVENTS[kind])])
  })
  const expected = PHASES.flatMap((phase) =>
    KINDS.map((kind) => [`${phase} / ${kind}`, TABLE[phase][kind] ?? '=']),
  )
  expect(cells).toHaveLength(7 * 18)
  expect(Object.fromEntries(cells)).toEqual(Object.fromEntries(expected))
})

test('a refusal by the server is no fault of the transport: the other one would be refused too', () => {
  const busy: ConnectionEvent = { kind: 'lost', problem, retryAfterMs: 7_000, isFault: false }
  expect(cell(STATES.connecting, busy)).toBe('offline + close + retry-in 7000')
  expect(cell(STATES['catching-up'], busy)).toBe('offline + close + retry-in 7000')
  expect(cell(STATES.live, busy)).toBe('offline + close + retry-in 7000')
})

test('a token refused for good ends it, one refused for now is shown again later, a second bad one needs a person', () => {
  const refused = (retry: AuthRefusal['retry']): ConnectionEvent => ({
    kind: 'auth-refused',
    refusal: refusal(retry),
  })
  for (const phase of ['connecting', 'catching-up', 'live', 'polling'] as const)
    expect(cell(STATES[phase], refused('never')), phase).toBe('closed + close')
  expect(cell(STATES.connecting, refused('later'))).toBe('offline + close + retry-in 2000')
  const fresh: ConnectionState = { ...STATES.connecting, freshToken: true }
  expect(cell(fresh, refused('after_auth'))).toBe('needs-auth + close')
  const kept = nextConnection(fresh, EVENTS.slow, moment).state
  expect(cell(kept, refused('after_auth'))).toBe('needs-auth + close')
})

test('one renewal at a time, whoever else is refused meanwhile; it may be put off, and refused for good', () => {
  for (const phase of ['live', 'polling'] as const) {
    const renewing: ConnectionState = { ...STATES[phase], isRenewing: true }
    expect(cell(renewing, EVENTS['auth-refused'])).toBe('=')
    expect(cell(renewing, EVENTS.authenticated)).toBe(phase)
    expect(cell(renewing, { kind: 'renewal-refused', refusal: refusal('later') })).toBe(
      'offline fresh + close + retry-in 500',
    )
    expect(cell(renewing, { kind: 'renewal-refused', refusal: refusal('never') })).toBe('closed + close')
  }
})

test('with one transport alone nothing falls back and nothing is probed', () => {
  const only: Moment = { ...moment, policy: 'websocket' }
  expect(cell(STATES.connecting, EVENTS.lost, only)).toBe('offline + close + retry-in 2000')
  expect(cell(STATES.connecting, EVENTS.slow, only)).toBe('=')
  const polls: Moment = { ...moment, policy: 'polling' }
  expect(cell(STATES.closed, EVENTS.start, polls)).toBe('connecting + open polling')
  const caughtUp: ConnectionState = { ...STATES['catching-up'], transport: 'polling' }
  expect(cell(caughtUp, EVENTS['caught-up'], polls)).toBe('polling')
  expect(cell(STATES.polling, EVENTS.wake, polls)).toBe('=')
})

test('polling after a fall: the way back is tried less and less often, and taken as soon as it is there', () => {
  let state = nextConnection(STATES.connecting, EVENTS.slow, moment).state
  state = nextConnection(state, { kind: 'authenticated', transport: 'polling' }, moment).state
  let step = nextConnection(state, EVENTS['caught-up'], moment)
  const waitsMs: number[] = []
  for (let failed = 0; failed < 9; failed++) {
    waitsMs.push(delayOf(step.effects, 'probe-in'))
    state = nextConnection(step.state, EVENTS['probe-due'], moment).state
    expect(cell(state, EVENTS['probe-due'])).toBe('=')
    expect(cell(state, EVENTS.wake)).toBe('=')
    step = nextConnection(state, EVENTS['probe-failed'], moment)
  }
  expect(waitsMs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
  expect(cell(state, EVENTS['probe-succeeded'])).toBe('catching-up + adopt-probe + catch-up')
  state = nextConnection(state, EVENTS['probe-succeeded'], moment).state
  state = nextConnection(state, EVENTS['caught-up'], moment).state
  expect(state.phase).toBe('live')
  const lost = nextConnection(state, EVENTS.lost, { ...moment, nowMs: 20_000 }).state
  expect(cell(lost, EVENTS['retry-due'])).toBe('connecting + open websocket')
})

test('where sockets come about and are cut, the next thing is polling, and they are tried less and less often', () => {
  let state: ConnectionState = { ...STATES['catching-up'], failures: 0 }
  const waitsMs: number[] = []
  for (let cut = 0; cut < 8; cut++) {
    state = nextConnection(state, EVENTS['caught-up'], { ...moment, nowMs: 1_000 }).state
    expect(state.phase).toBe('live')
    const lost = nextConnection(state, EVENTS.lost, { ...moment, nowMs: 10_999 }).state
    expect(cell(lost, EVENTS['retry-due'])).toBe('connecting + open polling')
    state = nextConnection(lost, EVENTS['retry-due'], moment).state
    state = nextConnection(state, { kind: 'authenticated', transport: 'polling' }, moment).state
    const polling = nextConnection(state, EVENTS['caught-up'], moment)
    waitsMs.push(delayOf(polling.effects, 'probe-in'))
    state = nextConnection(polling.state, EVENTS['probe-due'], moment).state
    state = nextConnection(state, EVENTS['probe-succeeded'], moment).state
  }
  expect(waitsMs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  // One that is cut before anything came over it is no better.
  const polling = nextConnection(state, EVENTS.lost, moment).state
  expect(polling).toMatchObject({ phase: 'connecting', transport: 'polling', socketFailures: 9 })
})

test('a socket that the server or the device ended soon says nothing against sockets', () => {
  const early: Moment = { ...moment, nowMs: 9_999 }
  const busy: ConnectionEvent = { kind: 'lost', problem, retryAfterMs: 7_000, isFault: false }
  for (const event of [busy, EVENTS['network-lost']]) {
    const { state } = nextConnection(STATES.live, event, early)
    expect(cell(state, EVENTS['retry-due'])).toBe('connecting + open websocket')
  }
})

test('where sockets are known not to come through, polling comes first; another network is another chance', () => {
  const lost = nextConnection(STATES.polling, EVENTS.lost, moment).state
  expect(cell(lost, EVENTS['retry-due'])).toBe('connecting + open polling')
  expect(cell(lost, EVENTS['network-found'])).toBe(openAnew)
})

test('where nothing comes through at all, that says nothing against sockets', () => {
  const polling = nextConnection(STATES.connecting, EVENTS.lost, moment).state
  const offline = nextConnection(polling, EVENTS.lost, moment)
  expect(delayOf(offline.effects, 'retry-in')).toBe(2_000)
  expect(cell(offline.state, EVENTS['retry-due'])).toBe('connecting + open websocket')
})

test('waits grow from 1 s to 30 s with full jitter, and begin anew after the connection was up for a while', () => {
  const only = (random: number, nowMs = 0): Moment => ({ nowMs, random, policy: 'websocket' })
  let state: ConnectionState = { ...STATES.live, failures: 0 }
  const longestMs: number[] = []
  for (let failure = 0; failure < 8; failure++) {
    const lost = nextConnection(state, EVENTS.lost, only(0.999_999))
    longestMs.push(Math.round(delayOf(lost.effects, 'retry-in')))
    expect(delayOf(nextConnection(state, EVENTS.lost, only(0)).effects, 'retry-in')).toBe(0)
    state = nextConnection(lost.state, EVENTS['retry-due'], only(0.5)).state
  }
  expect(longestMs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  for (const kind of ['authenticated', 'caught-up'] as const)
    state = nextConnection(state, EVENTS[kind], only(0.5)).state
  expect(delayOf(nextConnection(state, EVENTS.lost, only(0.5, 9_999)).effects, 'retry-in')).toBe(15_000)
  expect(delayOf(nextConnection(state, EVENTS.lost, only(0.5, 10_000)).effects, 'retry-in')).toBe(500)
})

test('a wait is never shorter than the server asked for, and says when it ends and why', () => {
  const { state } = nextConnection(STATES.live, { ...EVENTS.lost, retryAfterMs: 60_000 }, moment)
  expect(state).toEqual({
    phase: 'offline',
    failures: 1,
    socketFailures: 0,
    freshToken: false,
    retryAtMs: 70_000,
    problem,
  })
})

test('an ended session says why and stays ended until somebody starts again', () => {
  const { state } = nextConnection(STATES.live, { kind: 'auth-refused', refusal: refusal('never') }, moment)
  expect(state).toEqual({ phase: 'closed', problem: expired })
  for (const kind of KINDS) {
    if (kind !== 'start' && kind !== 'stop')
      expect(nextConnection(state, EVENTS[kind], moment).state, kind).toBe(state)
  }
})

test('no walk through the table leaves a connection open that it does not know of, or waits for nothing', () => {
  const random = seededRandom(7)
  const policies = ['auto', 'websocket', 'polling'] as const
  let state: ConnectionState = { phase: 'closed' }
  let policy: Moment['policy'] = 'auto'
  const open = { connections: 0, probes: 0, timers: new Set<string>() }
  for (let step = 0; step < 50_000; step++) {
    const kind = KINDS[Math.floor(random() * KINDS.length)]!
    if (kind === 'policy-changed') policy = policies[Math.floor(random() * 3)]!
    const next = nextConnection(state, EVENTS[kind], { nowMs: step, random: random(), policy })
    for (const effect of next.effects) apply(open, effect.kind)
    state = next.state
    const isOpen = ['connecting', 'catching-up', 'live', 'polling'].includes(state.phase)
    expect(open.connections, `${kind} -> ${state.phase}`).toBe(isOpen ? 1 : 0)
    expect(open.probes).toBe(state.phase === 'polling' && state.isProbing ? 1 : 0)
    if (state.phase === 'offline') expect(open.timers).toContain('retry-in')
    if (state.phase === 'closed') expect([...open.timers]).toEqual([])
  }
})

type Open = { connections: number; probes: number; timers: Set<string> }

function apply(open: Open, kind: ReturnType<typeof nextConnection>['effects'][number]['kind']): void {
  if (kind === 'close') Object.assign(open, { connections: 0, probes: 0, timers: new Set() })
  if (kind === 'open') open.connections++
  if (kind === 'probe') open.probes++
  if (kind === 'adopt-probe') open.probes--
  if (kind.endsWith('-in')) open.timers.add(kind)
}

function delayOf(
  effects: ReturnType<typeof nextConnection>['effects'],
  kind: 'retry-in' | 'probe-in',
): number {
  const found = effects.find((effect) => effect.kind === kind)
  return found !== undefined && 'delayMs' in found ? found.delayMs : Number.NaN
}
