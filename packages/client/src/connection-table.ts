import type {
  ConnectionEvent,
  ConnectionState,
  ConnectionStep,
  EventKind,
  EventOf,
  Moment,
  Phase,
  StateOf,
} from './connection-state.ts'
import {
  adoptProbe,
  becomeCurrent,
  close,
  FRESH,
  fallBackOrStay,
  fallBackOrWait,
  leaveLater,
  openAnew,
  openFirst,
  probe,
  probeFailed,
  refusedAtTheDoor,
  refusedInside,
  renew,
  renewalRefused,
  stay,
  waitAfterLoss,
  waitForNetwork,
} from './connection-steps.ts'

/** Every state with every event: the compiler refuses the table when one is missing. */
type ConnectionTable = {
  readonly [P in Phase]: {
    readonly [K in EventKind]: (state: StateOf<P>, event: EventOf<K>, moment: Moment) => ConnectionStep
  }
}

/** Without a connection nothing comes of it. */
const AT_REST = {
  stop: () => stay({ phase: 'closed' }),
  authenticated: stay,
  'auth-refused': stay,
  'renewal-refused': stay,
  'caught-up': stay,
  lost: stay,
  slow: stay,
  'retry-due': stay,
  'probe-due': stay,
  'probe-succeeded': stay,
  'probe-failed': stay,
  wake: stay,
  'network-lost': stay,
  'network-found': stay,
  'policy-changed': stay,
  draining: stay,
}

/** A connection, or the will to have one, ends when the app says so or the server. */
const STOPPABLE = {
  stop: () => close(),
  ended: (_state: ConnectionState, { problem }: EventOf<'ended'>) => close(problem),
}

/** What happens in each state with each event. */
export const connectionTable: ConnectionTable = {
  closed: {
    start: (_state, _event, moment) => openFirst({ ...FRESH, freshToken: false }, moment),
    ...AT_REST,
    ended: stay,
  },
  connecting: {
    start: stay,
    ...STOPPABLE,
    authenticated: ({ failures, socketFailures }, { transport }) => ({
      state: { phase: 'catching-up', transport, failures, socketFailures },
      effects: [{ kind: 'catch-up' }],
    }),
    'auth-refused': refusedAtTheDoor,
    'renewal-refused': stay,
    'caught-up': stay,
    lost: fallBackOrWait,
    slow: fallBackOrStay,
    'retry-due': stay,
    'probe-due': stay,
    'probe-succeeded': stay,
    'probe-failed': stay,
    wake: stay,
    'network-lost': waitForNetwork,
    'network-found': stay,
    'policy-changed': openNewly,
    // It breaks when the server goes, and that is early enough.
    draining: stay,
  },
  'catching-up': {
    start: stay,
    ...STOPPABLE,
    authenticated: stay,
    'auth-refused': refusedInside,
    'renewal-refused': stay,
    'caught-up': becomeCurrent,
    lost: fallBackOrWait,
    // It was heard of: how long an answer takes depends on how much was missed.
    slow: stay,
    'retry-due': openNewly,
    'probe-due': stay,
    'probe-succeeded': stay,
    'probe-failed': stay,
    wake: stay,
    'network-lost': waitForNetwork,
    'network-found': stay,
    'policy-changed': openNewly,
    draining: leaveLater,
  },
  live: {
    start: stay,
    ...STOPPABLE,
    authenticated: (state) => stay({ ...state, isRenewing: false }),
    'auth-refused': renew,
    'renewal-refused': renewalRefused,
    'caught-up': stay,
    lost: waitAfterLoss,
    slow: stay,
    'retry-due': openNewly,
    'probe-due': stay,
    'probe-succeeded': stay,
    'probe-failed': stay,
    wake: stay,
    'network-lost': waitForNetwork,
    'network-found': stay,
    'policy-changed': (state, event, moment) =>
      moment.policy === 'polling' ? openNewly(state, event, moment) : stay(state),
    draining: leaveLater,
  },
  polling: {
    start: stay,
    ...STOPPABLE,
    authenticated: (state) => stay({ ...state, isRenewing: false }),
    'auth-refused': renew,
    'renewal-refused': renewalRefused,
    'caught-up': stay,
    lost: waitAfterLoss,
    slow: stay,
    'retry-due': stay,
    'probe-due': probe,
    'probe-succeeded': adoptProbe,
    'probe-failed': probeFailed,
    wake: probe,
    'network-lost': waitForNetwork,
    // Another network, perhaps: what stood in the way of sockets may be gone.
    'network-found': probe,
    'policy-changed': openNewly,
    // The node may go: the next poll finds another one.
    draining: stay,
  },
  offline: {
    ...AT_REST,
    ...STOPPABLE,
    start: openAnew,
    'retry-due': (state, _event, moment) => openFirst(state, moment),
    wake: openAnew,
    'network-lost': waitForNetwork,
    'network-found': openNewly,
    'policy-changed': openNewly,
  },
  'needs-auth': {
    start: (_state, _event, moment) => openFirst({ ...FRESH, freshToken: true }, moment),
    ...AT_REST,
    ended: (_state, { problem }) => stay({ phase: 'closed', problem }),
  },
}

/** The state after an event, and what has to be done about it. Pure: time and chance are in `moment`. */
export function nextConnection(
  state: ConnectionState,
  event: ConnectionEvent,
  moment: Moment,
): ConnectionStep {
  // The table is complete by its type; the compiler cannot see that the two keys belong to the two arguments.
  const transition = connectionTable[state.phase][event.kind] as (
    state: ConnectionState,
    event: ConnectionEvent,
    moment: Moment,
  ) => ConnectionStep
  return transition(state, event, moment)
}

/** Another server, another network or another wish: nothing of what went wrong before says anything about it. */
function openNewly(state: ConnectionState, event: ConnectionEvent, moment: Moment): ConnectionStep {
  const freshToken = 'freshToken' in state && state.freshToken
  return openAnew({ ...FRESH, freshToken }, event, moment)
}
