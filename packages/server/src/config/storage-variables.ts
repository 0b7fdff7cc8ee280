import { optional, variable } from './variable.ts'
import { flag, keyPrefix, postgresUrl, redisUrls, text, wholeNumber } from './variable-types.ts'

/** Where everything is kept. */
export const storage = {
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
    description:
      'Most connections to PostgreSQL. A quarter of as many reads pages of history, another serves changes that lock a room, half what people change for themselves; of the embedded one, too.',
  }),
  demoData: optional({
    name: 'TALLY_DEMO_DATA',
    type: flag(),
    fallbackText: 'true with the development login, else false',
    description: 'Make demo people and rooms in an empty database.',
  }),
}

/** What several servers on one PostgreSQL share, so that they are one. */
export const sharing = {
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
