import { LIMITS, type LimitName } from '@tally/protocol'
import { nearestName } from './config/nearest-name.ts'
import type { Variable } from './config/variable.ts'
import { VARIABLES, VARIABLES_WITHOUT_EFFECT } from './config/variables.ts'

type Environment = Readonly<Record<string, string | undefined>>

type Values<Group> = { readonly [K in keyof Group]: Group[K] extends Variable<infer T> ? T : never }

type Groups = typeof VARIABLES

/** Everything an operator decides, parsed and checked. Units are in the names; documented in docs/CONFIGURATION.md. */
export type Config = Values<Groups['listening']> &
  Values<Groups['storage']> &
  Omit<Values<Groups['files']>, `s3${string}`> &
  Values<Groups['identity']> &
  Values<Groups['behaviour']> & {
    readonly host: string
    /** What all servers share; absent where each keeps its own badges. */
    readonly redis: RedisAddress | undefined
    /** Where files go; absent: into `filesDir`. */
    readonly s3: S3Address | undefined
    readonly demoData: boolean
    /** Anybody may become anybody: only where nothing says how to check a token, and never in production. */
    readonly developmentLogin: boolean
    /** The protocol's limits, with what the operator changed. */
    readonly limits: { readonly [name in LimitName]: number }
    /** What an operator should know before trusting this server; main writes them to the log. */
    readonly warnings: readonly string[]
  }

type S3Address = {
  readonly url: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

type RedisAddress = { readonly url: string; readonly cluster: boolean; readonly prefix: string }

/** What is wrong with the environment, each variable by its name, never with its value: it may be a secret. */
export class ConfigError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`Tally cannot start:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** A larger frame than is taken ends its connection without a word: whatever may be said has to fit into one. */
const BYTES_OF_A_CHARACTER = 4
const BYTES_BESIDE_THE_TEXT = 4_096

/**
 * Reads the environment once. An absent or empty variable takes its default.
 * @throws ConfigError naming every variable that is unknown (`TALLY_*`), bad or missing, and what it should be.
 */
export function loadConfig(environment: Environment = process.env): Config {
  const problems: string[] = unknownVariables(environment)
  const { listening, storage, files, sharing, identity, behaviour, limits } = VARIABLES
  const settings = {
    ...readGroup(listening, environment, problems),
    ...readGroup(storage, environment, problems),
    ...readGroup(identity, environment, problems),
    ...readGroup(behaviour, environment, problems),
  }
  const { s3Url, s3Region, s3AccessKeyId, s3SecretAccessKey, ...attachments } = readGroup(
    files,
    environment,
    problems,
  )
  if (s3Url !== undefined && (s3AccessKeyId === undefined || s3SecretAccessKey === undefined)) {
    problems.push('TALLY_S3_ACCESS_KEY_ID and TALLY_S3_SECRET_ACCESS_KEY must be set with TALLY_S3_URL')
  }
  const redis = redisOf(readGroup(sharing, environment, problems))
  if (redis?.cluster === false && redis.url.includes(',')) {
    problems.push('REDIS_CLUSTER must be true where REDIS_URL names several servers')
  }
  const production = settings.environment === 'production'
  const checksTokens = settings.jwtSecret !== undefined || settings.jwksUrl !== undefined
  if (production && !checksTokens && !problems.some((problem) => /^JW(T_SECRET|KS_URL) /.test(problem))) {
    problems.push('JWT_SECRET or JWKS_URL must be set in production: without one nobody can be identified')
  }
  const changedLimits = readGroup(limits, environment, problems)
  const { messageChars } = changedLimits
  const neededBytes = BYTES_OF_A_CHARACTER * messageChars + BYTES_BESIDE_THE_TEXT
  const isChosen = (environment[limits.frameBytes.name]?.trim() ?? '') !== ''
  const frameBytes = isChosen ? changedLimits.frameBytes : Math.max(changedLimits.frameBytes, neededBytes)
  if (frameBytes < neededBytes) {
    problems.push(
      `TALLY_FRAME_BYTES must be at least ${neededBytes} for messages of MAX_MESSAGE_LENGTH (${messageChars}) characters`,
    )
  }
  if (problems.length > 0) throw new ConfigError(problems)
  const developmentLogin = !production && !checksTokens
  return {
    ...settings,
    ...attachments,
    s3:
      s3Url === undefined || s3AccessKeyId === undefined || s3SecretAccessKey === undefined
        ? undefined
        : { url: s3Url, region: s3Region, accessKeyId: s3AccessKeyId, secretAccessKey: s3SecretAccessKey },
    developmentLogin,
    // An embedded database is one server's own: there is nobody to share anything with.
    redis: settings.databaseUrl === undefined ? undefined : redis,
    host: settings.host ?? (developmentLogin ? '127.0.0.1' : '0.0.0.0'),
    demoData: settings.demoData ?? developmentLogin,
    limits: { ...LIMITS, ...changedLimits, frameBytes },
    warnings: warningsFor(environment, { ...settings, developmentLogin, redis }),
  }
}

function readGroup<Group extends Record<string, Variable<unknown>>>(
  group: Group,
  environment: Environment,
  problems: string[],
): Values<Group> {
  const values = Object.entries(group).map(([key, { name, type, fallback }]) => {
    const raw = environment[name]?.trim() ?? ''
    if (raw === '') return [key, fallback]
    const parsed = type.schema.safeParse(raw)
    if (!parsed.success) problems.push(`${name} must be ${type.expects}`)
    return [key, parsed.success ? parsed.data : fallback]
  })
  // Each key of the group is there with the type its variable declares: entries cannot say that to the compiler.
  return Object.fromEntries(values) as Values<Group>
}

function redisOf(sharing: Values<Groups['sharing']>): RedisAddress | undefined {
  const { redisUrl, redisHost, redisPort, redisPassword, redisCluster, redisPrefix, useRedis } = sharing
  if (!useRedis) return undefined
  const how = { cluster: redisCluster, prefix: redisPrefix }
  if (redisUrl !== undefined) return { url: redisUrl, ...how }
  if (redisHost === undefined) return undefined
  const password = redisPassword === undefined ? '' : `:${encodeURIComponent(redisPassword)}@`
  return { url: `redis://${password}${redisHost}:${redisPort}`, ...how }
}

function unknownVariables(environment: Environment): string[] {
  const known = new Set(
    Object.values(VARIABLES).flatMap((group) => Object.values(group).map(({ name }) => name)),
  )
  return Object.keys(environment)
    .filter((name) => name.startsWith('TALLY_') && !known.has(name))
    .map((name) => {
      const nearest = nearestName(name, known)
      return `${name} is not a variable of Tally${nearest === undefined ? '' : `; did you mean ${nearest}?`}`
    })
}

const SAFE_SECRET_CHARS = 32

function warningsFor(
  environment: Environment,
  settings: {
    developmentLogin: boolean
    jwtSecret: string | undefined
    databaseUrl: string | undefined
    redis: RedisAddress | undefined
  },
): string[] {
  const warnings = Object.entries(VARIABLES_WITHOUT_EFFECT)
    .filter(([name]) => (environment[name] ?? '').trim() !== '')
    .map(([name, instead]) => `${name} is set but has no effect in this version: ${instead}.`)
  if (settings.redis !== undefined && settings.databaseUrl === undefined) {
    warnings.push(
      'Redis is named but has no effect without DATABASE_URL: an embedded database has one server.',
    )
  }
  if (settings.developmentLogin) {
    warnings.push(
      'Development login: anybody who reaches this server can become anybody. Set JWT_SECRET or JWKS_URL.',
    )
  }
  if (settings.jwtSecret !== undefined && settings.jwtSecret.length < SAFE_SECRET_CHARS) {
    warnings.push(
      `JWT_SECRET has less than ${SAFE_SECRET_CHARS} characters: whoever guesses it can become anybody.`,
    )
  }
  return warnings
}
