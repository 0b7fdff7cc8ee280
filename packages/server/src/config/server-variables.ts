import { optional, variable } from './variable.ts'
import { networks, oneOf, origins, text, wholeNumber } from './variable-types.ts'

/** Where the server listens and who may reach it. */
export const listening = {
  environment: variable({
    name: 'NODE_ENV',
    type: text(),
    default: 'development',
    description:
      '`production` refuses to start without a way to check tokens and never offers the development login.',
  }),
  port: variable({
    name: 'PORT',
    type: wholeNumber({ min: 0, max: 65_535 }),
    default: 5004,
    description: 'Port of HTTP and Socket.IO; 0 takes a free one.',
  }),
  host: optional({
    name: 'HOST',
    type: text(),
    fallbackText: '0.0.0.0; 127.0.0.1 with the development login',
    description: 'Address to listen on.',
  }),
  allowedOrigins: variable({
    name: 'ALLOWED_ORIGINS',
    type: origins(),
    default: [],
    fallbackText: 'none but its own',
    description: 'Pages of other origins that may connect. Apps that send no Origin always may.',
  }),
  trustedProxies: variable({
    name: 'TALLY_TRUSTED_PROXIES',
    type: networks(),
    default: [],
    fallbackText: 'nobody',
    description:
      'Proxies that are believed about `X-Forwarded-For`. Behind one it must be named: the limits per address count everybody as one otherwise.',
  }),
  pingIntervalMs: variable({
    name: 'TALLY_PING_INTERVAL_MS',
    type: wholeNumber({ min: 1_000, max: 120_000 }),
    default: 10_000,
    description: 'Heartbeat of a socket, in ms.',
  }),
  pingTimeoutMs: variable({
    name: 'TALLY_PING_TIMEOUT_MS',
    type: wholeNumber({ min: 1_000, max: 120_000 }),
    default: 20_000,
    description: 'How long a socket may take to answer a heartbeat, in ms.',
  }),
  maxConnections: variable({
    name: 'TALLY_MAX_CONNECTIONS',
    type: wholeNumber({ min: 1, max: 1_000_000 }),
    default: 50_000,
    description: 'Most sockets at once; one more waits up to 10 s for a place.',
  }),
  connectionsPerSecond: variable({
    name: 'TALLY_CONNECTIONS_PER_SECOND',
    type: wholeNumber({ min: 1, max: 100_000 }),
    default: 550,
    description: 'New sockets per second; more at once are let in one after the other, each within 10 s.',
  }),
  drainSpreadMs: variable({
    name: 'TALLY_DRAIN_SPREAD_MS',
    type: wholeNumber({ min: 0, max: 600_000 }),
    default: 3_000,
    description: 'Over how long a stopping server sends its sockets away, in ms.',
  }),
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** How it behaves and what it tells. */
export const behaviour = {
  badgeDebounceDelayMs: variable({
    name: 'BADGE_DEBOUNCE_DELAY',
    type: wholeNumber({ min: 0, max: 10_000 }),
    default: 40,
    description: 'A burst sends its first badge at once and the rest as one after this many ms.',
  }),
  badgeMaxBatchSize: variable({
    name: 'BADGE_MAX_BATCH_SIZE',
    type: wholeNumber({ min: 1, max: 100_000 }),
    default: 100,
    description: 'So many changes of one badge are sent without waiting for the delay.',
  }),
  retentionDays: optional({
    name: 'TALLY_RETENTION_DAYS',
    type: wholeNumber({ min: 1, max: 36_500 }),
    fallbackText: 'for ever',
    description: 'How long messages and notifications are kept, in days.',
  }),
  logLevel: variable({
    name: 'LOG_LEVEL',
    type: oneOf(LOG_LEVELS),
    default: 'info',
    description: `Least important log lines to write: ${LOG_LEVELS.join(', ')}.`,
  }),
  serverInstance: optional({
    name: 'SERVER_INSTANCE',
    type: text(),
    description: 'Name of this server, in its log and to the others.',
  }),
  metricsPort: optional({
    name: 'METRICS_PORT',
    type: wholeNumber({ min: 0, max: 65_535 }),
    fallbackText: 'no metrics',
    description: 'Port of a listener of its own for `GET /metrics`.',
  }),
  metricsHost: variable({
    name: 'TALLY_METRICS_HOST',
    type: text(),
    default: '127.0.0.1',
    description: 'Address of the metrics listener; whoever reaches it may read it.',
  }),
}
