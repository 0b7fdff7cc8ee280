import { LIMITS } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { formatHelp, formatMarkdown } from '../../src/config/help.ts'
import { VARIABLES, VARIABLES_WITHOUT_EFFECT } from '../../src/config/variables.ts'
import { ConfigError, loadConfig } from '../../src/config.ts'

const SECRET = 'a secret that nobody guesses, 32+'

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('configuration', () => {
  test('an empty environment is development on this machine alone', () => {
    expect(loadConfig({})).toMatchObject({
      port: 5004,
      host: '127.0.0.1',
      databaseUrl: undefined,
      developmentLogin: true,
      demoData: true,
      badgeDebounceDelayMs: 40,
      badgeMaxBatchSize: 100,
      limits: LIMITS,
    })
  })

  test('development login warns, wherever it is on', () => {
    expect(loadConfig({}).warnings).toEqual([expect.stringContaining('anybody who reaches this server')])
    expect(loadConfig({ JWT_SECRET: SECRET }).warnings).toEqual([])
  })

  test('a secret or a key set ends the development login and opens the server to the network', () => {
    for (const identified of [{ JWT_SECRET: SECRET }, { JWKS_URL: 'https://id.example.com/keys' }]) {
      expect(loadConfig(identified)).toMatchObject({
        developmentLogin: false,
        demoData: false,
        host: '0.0.0.0',
      })
    }
  })

  test('production without a way to check tokens refuses to start', () => {
    expect(problemsOf({ NODE_ENV: 'production' })).toEqual([
      expect.stringMatching(/^JWT_SECRET or JWKS_URL must be set in production/),
    ])
    expect(problemsOf({ NODE_ENV: 'production', JWT_SECRET: '' })).toHaveLength(1)
    expect(problemsOf({ NODE_ENV: 'production', JWT_SECRET: SECRET })).toEqual([])
  })

  test.each([
    ['PORT', '70000', 'a whole number from 0 to 65535'],
    ['PORT', '80.5', 'a whole number from 0 to 65535'],
    ['PORT', '-1', 'a whole number from 0 to 65535'],
    ['DATABASE_URL', 'mysql://root@localhost/x', 'a PostgreSQL address'],
    ['JWT_SECRET', 'short', 'a secret of at least 16 characters'],
    ['JWKS_URL', 'http://id.example.com/keys', 'an https address'],
    ['API_KEYS', 'just-a-key-without-a-name', 'name:key pairs'],
    ['API_KEYS', 'a:0123456789abcdef,a:fedcba9876543210', 'each name once'],
    ['API_KEYS', 'a:short', 'each key of at least 16 characters'],
    ['ALLOWED_ORIGINS', 'https://app.example.com/', 'origins separated by commas'],
    ['ALLOWED_ORIGINS', 'app.example.com', 'origins separated by commas'],
    ['ALLOWED_ORIGINS', 'https://*.example.com', 'origins separated by commas'],
    ['SINGLE_SESSION', 'yes', 'true or false'],
    ['LOG_LEVEL', 'loud', 'one of fatal, error, warn, info, debug, trace, silent'],
    ['MAX_MESSAGE_LENGTH', '0', 'a whole number from 1 to'],
    ['TALLY_TRUSTED_PROXIES', '10.0.0.0/33', 'addresses and networks'],
    ['TALLY_TRUSTED_PROXIES', '2', 'addresses and networks'],
  ])('%s=%s refuses to start and says what it should be', (name, value, expected) => {
    const problems = problemsOf({ [name]: value })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(`${name} must be `)
    expect(problems[0]).toContain(expected)
  })

  test('a frame has room for the longest message, or the start is refused', () => {
    expect(loadConfig({ MAX_MESSAGE_LENGTH: '20000' }).limits.frameBytes).toBe(84_096)
    expect(loadConfig({ MAX_MESSAGE_LENGTH: '100' }).limits.frameBytes).toBe(65_536)
    expect(problemsOf({ MAX_MESSAGE_LENGTH: '20000', TALLY_FRAME_BYTES: '84096' })).toEqual([])
    expect(problemsOf({ MAX_MESSAGE_LENGTH: '20000', TALLY_FRAME_BYTES: '65536' })).toEqual([
      'TALLY_FRAME_BYTES must be at least 84096 for messages of MAX_MESSAGE_LENGTH (20000) characters',
    ])
  })

  test('what a variable was set to is not repeated: it may be a secret', () => {
    const secrets = { JWT_SECRET: 'hunter2', API_KEYS: 'backend:hunter2', DATABASE_URL: 'root:hunter2@db' }
    expect(problemsOf(secrets)).toHaveLength(3)
    expect(problemsOf(secrets).join()).not.toContain('hunter2')
  })

  test('an unknown TALLY_ variable refuses to start and names the one that was meant', () => {
    expect(problemsOf({ TALLY_SEND_PER_SECOND: '5' })).toEqual([
      'TALLY_SEND_PER_SECOND is not a variable of Tally; did you mean TALLY_SENDS_PER_SECOND?',
    ])
    expect(problemsOf({ TALLY_COLOUR_OF_THE_SKY: 'blue' })).toEqual([
      'TALLY_COLOUR_OF_THE_SKY is not a variable of Tally',
    ])
    expect(problemsOf({ SOMEBODY_ELSES: 'variable' })).toEqual([])
  })

  test('everything wrong is told at once', () => {
    expect(problemsOf({ PORT: 'x', LOG_LEVEL: 'y', TALLY_NOPE: 'z', NODE_ENV: 'production' })).toHaveLength(4)
  })

  test('values are what their variables say', () => {
    const config = loadConfig({
      JWT_SECRET: SECRET,
      API_KEYS: 'backend:0123456789abcdef, cron:fedcba:9876543210',
      ALLOWED_ORIGINS: 'https://app.example.com, http://localhost:3000',
      TALLY_TRUSTED_PROXIES: 'loopback,10.0.0.0/8,2001:db8::/32',
      TALLY_SENDS_PER_SECOND: '7',
      MAX_MESSAGE_LENGTH: '10',
      SINGLE_SESSION: 'true',
    })
    expect(config).toMatchObject({
      apiKeys: [
        { name: 'backend', key: '0123456789abcdef' },
        { name: 'cron', key: 'fedcba:9876543210' },
      ],
      allowedOrigins: ['https://app.example.com', 'http://localhost:3000'],
      trustedProxies: ['loopback', '10.0.0.0/8', '2001:db8::/32'],
      singleSession: true,
    })
    expect(config.limits).toEqual({ ...LIMITS, sendsPerSecond: 7, messageChars: 10 })
  })

  test('a variable of a part that this version does not have warns, and is not taken for there', () => {
    const config = loadConfig({ JWT_SECRET: SECRET, KAFKA_BROKERS: 'k:9092' })
    expect(config.warnings).toEqual([expect.stringMatching(/^KAFKA_BROKERS is set but has no effect/)])
  })

  test.each([
    [
      { REDIS_URL: 'redis://:key@cache:6380' },
      { url: 'redis://:key@cache:6380', cluster: false, prefix: 'tally:' },
    ],
    [{ REDIS_HOST: 'cache' }, { url: 'redis://cache:6379', cluster: false, prefix: 'tally:' }],
    [
      { REDIS_HOST: 'cache', REDIS_PORT: '7000', REDIS_PASSWORD: 'a b', REDIS_CLUSTER: 'true' },
      { url: 'redis://:a%20b@cache:7000', cluster: true, prefix: 'tally:' },
    ],
    [{ REDIS_URL: 'redis://cache', FEATURE_REDIS: 'false' }, undefined],
    [{}, undefined],
  ])('Redis is where %o says', (environment, redis) => {
    const config = loadConfig({ JWT_SECRET: SECRET, DATABASE_URL: 'postgres://db/tally', ...environment })
    expect(config.redis).toEqual(redis)
    expect(config.warnings).toEqual([])
  })

  test('several servers of Redis are a cluster', () => {
    const environment = { JWT_SECRET: SECRET, REDIS_URL: 'redis://a:7000,redis://b:7000' }
    expect(() => loadConfig(environment)).toThrow('REDIS_CLUSTER must be true')
  })

  test('a server with an embedded database shares nothing, and says so', () => {
    const config = loadConfig({ JWT_SECRET: SECRET, REDIS_URL: 'redis://cache' })
    expect(config.redis).toBeUndefined()
    expect(config.warnings).toEqual([expect.stringContaining('Redis is named but has no effect')])
  })

  test('a weak secret starts with a warning', () => {
    expect(loadConfig({ JWT_SECRET: '0123456789abcdef' }).warnings).toEqual([
      expect.stringContaining('JWT_SECRET has less than 32 characters'),
    ])
  })

  test('the help names every variable', () => {
    const help = formatHelp()
    const names = Object.values(VARIABLES).flatMap((group) => Object.values(group).map(({ name }) => name))
    for (const name of [...names, ...Object.keys(VARIABLES_WITHOUT_EFFECT)]) expect(help).toContain(name)
  })

  test('docs/CONFIGURATION.md is what the variables declare', async () => {
    await expect(formatMarkdown()).toMatchFileSnapshot('../../../../docs/CONFIGURATION.md')
  })
})
