import { LIMITS, type LimitName } from '@tally/protocol'
import {
  flag,
  keyPrefix,
  keySetUrl,
  mediaTypes,
  namedKeys,
  networks,
  oneOf,
  origins,
  postgresUrl,
  redisUrls,
  secretText,
  text,
  type VariableType,
  webAddress,
  wholeNumber,
} from './variable-types.ts'

/** One environment variable: parsing, default, help and documentation are made of this and nothing else. */
export type Variable<T> = {
  readonly name: string
  readonly type: VariableType<T>
  /** The value where the variable is absent or empty. */
  readonly fallback: T
  /** The default in words, where `fallback` does not say it. */
  readonly fallbackText?: string
  readonly description: string
  /** Its value appears in no log. */
  readonly secret?: true
}

type Described = Pick<Variable<unknown>, 'name' | 'description' | 'secret' | 'fallbackText'>

function variable<T>(spec: Described & { type: VariableType<T>; default: T }): Variable<T> {
  const { default: fallback, ...rest } = spec
  return { ...rest, fallback }
}

function optional<T>(spec: Described & { type: VariableType<T> }): Variable<T | undefined> {
  return { ...spec, fallback: undefined }
}

const ATTACHMENT_TYPES = [
  ...['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/heic'],
  ...['video/mp4', 'video/quicktime', 'video/webm'],
  ...['audio/mpeg', 'audio/mp4', 'audio/x-m4a', 'audio/ogg', 'audio/wav', 'audio/webm', 'audio/aac'],
  'application/pdf',
  'application/zip',
  // Office documents before 2007, and those of Hangul.
  'application/x-cfb',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  'text/plain',
]

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** Where the server listens and who may reach it. */
const listening = {
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

/** Where everything is kept. */
const storage = {
  databaseUrl: optional({
    name: 'DATABASE_URL',
    type: postgresUrl(),
    fallbackText: 'an embedded PostgreSQL in DATA_DIR',
    description: 'PostgreSQL 15 or newer.',
    secret: true,
  }),
  dataDir: variable({
    name: 'DATA_DIR',
    type: text(),
    default: 'data',
    description: "Folder of the embedded database and of the development login's key.",
  }),
  databaseConnections: variable({
    name: 'TALLY_DATABASE_CONNECTIONS',
    type: wholeNumber({ min: 3, max: 500 }),
    default: 12,
    description: 'Most connections to PostgreSQL; without effect on the embedded one.',
  }),
  demoData: optional({
    name: 'TALLY_DEMO_DATA',
    type: flag(),
    fallbackText: 'true with the development login, else false',
    description: 'Make demo people and rooms in an empty database.',
  }),
}

/** Where the files of messages are kept, and which are taken. */
const files = {
  filesDir: optional({
    name: 'TALLY_FILES_DIR',
    type: text(),
    fallbackText: 'attachments in DATA_DIR',
    description: 'Folder of the files of messages, where there is no S3. Several servers need the same one.',
  }),
  s3Url: optional({
    name: 'TALLY_S3_URL',
    type: webAddress(),
    description:
      'Address of a bucket of an S3-compatible server, to keep files there: https://s3.ap-northeast-2.amazonaws.com/bucket, or https://bucket.s3.….',
  }),
  s3Region: variable({
    name: 'TALLY_S3_REGION',
    type: text(),
    default: 'us-east-1',
    description: 'Region of the bucket.',
  }),
  s3AccessKeyId: optional({
    name: 'TALLY_S3_ACCESS_KEY_ID',
    type: text(),
    description: 'Who writes and reads the bucket.',
  }),
  s3SecretAccessKey: optional({
    name: 'TALLY_S3_SECRET_ACCESS_KEY',
    type: text(),
    description: 'The secret that belongs to it.',
    secret: true,
  }),
  attachmentTypes: variable({
    name: 'TALLY_ATTACHMENT_TYPES',
    type: mediaTypes(),
    default: ATTACHMENT_TYPES,
    fallbackText: 'pictures, videos, sound, PDF, office documents, ZIP and text',
    description:
      'Kinds of files that are taken, by what their bytes are (image/png,application/pdf). What is none of a known kind, but text, is text/plain.',
  }),
}

/** What several servers on one PostgreSQL share, so that they are one. */
const sharing = {
  redisUrl: optional({
    name: 'REDIS_URL',
    type: redisUrls(),
    fallbackText: 'made of REDIS_HOST, REDIS_PORT and REDIS_PASSWORD',
    description:
      'Redis 7 or newer, or Valkey: the badges of all servers and what they tell each other. Of a cluster any of its servers, or several with commas between them. Without one every server keeps badges of its own and hears of the others through PostgreSQL. Needs DATABASE_URL.',
    secret: true,
  }),
  redisHost: optional({
    name: 'REDIS_HOST',
    type: text(),
    description: 'Host of Redis, in place of REDIS_URL.',
  }),
  redisPort: variable({
    name: 'REDIS_PORT',
    type: wholeNumber({ min: 1, max: 65_535 }),
    default: 6379,
    description: 'Port of REDIS_HOST.',
  }),
  redisPassword: optional({
    name: 'REDIS_PASSWORD',
    type: text(),
    description: 'Password of REDIS_HOST.',
    secret: true,
  }),
  redisCluster: variable({
    name: 'REDIS_CLUSTER',
    type: flag(),
    default: false,
    description: 'Whether it is a Redis Cluster.',
  }),
  redisPrefix: variable({
    name: 'TALLY_REDIS_PREFIX',
    type: keyPrefix(),
    default: 'tally:',
    description: 'Begins every key and channel: several installations may share one Redis.',
  }),
  useRedis: variable({
    name: 'FEATURE_REDIS',
    type: flag(),
    default: true,
    description: 'False: as if no Redis were named.',
  }),
}

/** Who people are. */
const identity = {
  jwtSecret: optional({
    name: 'JWT_SECRET',
    type: secretText(16),
    description: 'Secret of tokens signed with HS256; 32 characters or more.',
    secret: true,
  }),
  jwksUrl: optional({
    name: 'JWKS_URL',
    type: keySetUrl(),
    description: 'Key set of tokens signed with RS256, ES256 or EdDSA.',
  }),
  jwtIssuer: optional({ name: 'JWT_ISSUER', type: text(), description: 'Required `iss` of a token.' }),
  jwtAudience: optional({ name: 'JWT_AUDIENCE', type: text(), description: 'Required `aud` of a token.' }),
  tokenMaxAgeDays: variable({
    name: 'TALLY_TOKEN_MAX_AGE_DAYS',
    type: wholeNumber({ min: 1, max: 3_650 }),
    default: 30,
    description: 'How long after its `iat` a token without `exp` is good. One with neither is refused.',
  }),
  apiKeys: variable({
    name: 'API_KEYS',
    type: namedKeys(16),
    default: [],
    fallbackText: 'none',
    description: "Keys of the host's backend, as `name:key,name2:key2`. Take a key out to revoke it.",
    secret: true,
  }),
  singleSession: variable({
    name: 'SINGLE_SESSION',
    type: flag(),
    default: false,
    description: 'One connection per person: a newer one ends the older.',
  }),
}

/** How it behaves and what it tells. */
const behaviour = {
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

const limit = (
  name: string,
  limitName: LimitName,
  range: { min: number; max: number },
  description: string,
) => variable({ name, type: wholeNumber(range), default: LIMITS[limitName], description })

const MOST = { min: 1, max: 1_000_000 }
const BYTES = { min: 1_024, max: 268_435_456 }

/** Limits of the protocol that an operator may change, by their name there. */
const limits = {
  messageChars: limit(
    'MAX_MESSAGE_LENGTH',
    'messageChars',
    { min: 1, max: 100_000 },
    'Characters of a message.',
  ),
  frameBytes: limit(
    'TALLY_FRAME_BYTES',
    'frameBytes',
    BYTES,
    'Bytes of a Socket.IO frame and of an HTTP body.',
  ),
  socketBufferBytes: limit(
    'TALLY_SOCKET_BUFFER_BYTES',
    'socketBufferBytes',
    BYTES,
    'Bytes a socket may leave unread before it is closed.',
  ),
  sendsPerSecond: limit(
    'TALLY_SENDS_PER_SECOND',
    'sendsPerSecond',
    MOST,
    'Messages of one person per second.',
  ),
  sendBurst: limit('TALLY_SEND_BURST', 'sendBurst', MOST, 'Messages of one person at once.'),
  eventsPerSecond: limit(
    'TALLY_EVENTS_PER_SECOND',
    'eventsPerSecond',
    MOST,
    'Other events of one connection per second.',
  ),
  eventBurst: limit('TALLY_EVENT_BURST', 'eventBurst', MOST, 'Other events of one connection at once.'),
  joinsPerSecond: limit(
    'TALLY_JOINS_PER_SECOND',
    'joinsPerSecond',
    MOST,
    'Joins of one connection per second.',
  ),
  typingPerSecond: limit(
    'TALLY_TYPING_PER_SECOND',
    'typingPerSecond',
    MOST,
    'Typing signals of one person per second.',
  ),
  requestsPerSecond: limit(
    'TALLY_REQUESTS_PER_SECOND',
    'requestsPerSecond',
    MOST,
    'HTTP requests of one person per second.',
  ),
  requestBurst: limit('TALLY_REQUEST_BURST', 'requestBurst', MOST, 'HTTP requests of one person at once.'),
  requestsPerSecondPerAddress: limit(
    'TALLY_REQUESTS_PER_SECOND_PER_ADDRESS',
    'requestsPerSecondPerAddress',
    MOST,
    'HTTP requests of nobody in particular, or with a bad token, from one address per second.',
  ),
  connectionsPerUser: limit(
    'TALLY_CONNECTIONS_PER_USER',
    'connectionsPerUser',
    MOST,
    'Sockets of one person, and polls that wait.',
  ),
  connectionsPerAddress: limit(
    'TALLY_CONNECTIONS_PER_ADDRESS',
    'connectionsPerAddress',
    MOST,
    'Sockets of one address.',
  ),
  authenticateTimeoutMs: limit(
    'TALLY_AUTHENTICATE_TIMEOUT_MS',
    'authenticateTimeoutMs',
    { min: 1_000, max: 600_000 },
    'Time a socket has to authenticate, in ms.',
  ),
  openRoomsPerConnection: limit(
    'TALLY_OPEN_ROOMS_PER_CONNECTION',
    'openRoomsPerConnection',
    MOST,
    'Rooms one socket may have joined at once.',
  ),
  roomsPerUser: limit('TALLY_ROOMS_PER_USER', 'roomsPerUser', MOST, 'Rooms of one person.'),
  membersPerRoom: limit('TALLY_MEMBERS_PER_ROOM', 'membersPerRoom', MOST, 'Members of one room.'),
  attachmentBytes: limit(
    'TALLY_ATTACHMENT_BYTES',
    'attachmentBytes',
    { min: 1, max: 2_147_483_648 },
    'Bytes of a file.',
  ),
  uploadsPerUser: limit(
    'TALLY_UPLOADS_PER_USER',
    'uploadsPerUser',
    MOST,
    'Files of one person that are in no message yet.',
  ),
  searchesPerSecond: limit(
    'TALLY_SEARCHES_PER_SECOND',
    'searchesPerSecond',
    MOST,
    'Searches of one person per second.',
  ),
  searchBurst: limit('TALLY_SEARCH_BURST', 'searchBurst', MOST, 'Searches of one person at once.'),
  blocksPerUser: limit('TALLY_BLOCKS_PER_USER', 'blocksPerUser', MOST, 'People one person may block.'),
  devicesPerUser: limit(
    'TALLY_DEVICES_PER_USER',
    'devicesPerUser',
    MOST,
    'Devices one person may be signed in on; a further one signs out the one that was not seen for longest.',
  ),
} satisfies { [name in LimitName]?: Variable<number> }

/** Every variable, by the group it is shown in and its name in `Config`. */
export const VARIABLES = { listening, storage, files, sharing, identity, behaviour, limits }

/**
 * Variables of the protocol whose part this version does not have. Hosts set them for several services at once, so one
 * that is set warns, loudly, instead of refusing: nothing behaves as if it were there.
 */
export const VARIABLES_WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  ...without('events go to no queue', ['KAFKA_BROKERS', 'FEATURE_MQ']),
  ...without('every server does everything', ['ROLES', 'FEATURE_MS']),
  ...without('no alerts are sent', ['SLACK_WEBHOOK_URL', 'DISCORD_WEBHOOK_URL']),
}

function without(instead: string, names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, instead]))
}
