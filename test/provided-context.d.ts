import 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the maintenance database of a PostgreSQL that belongs to this run; take your own with createTestDatabase. */
    postgresUrl: string
    /** Of a Redis server that all tests of this run share; take keys of your own with testRedis. */
    redisUrl: string
    /** The path of an archive that an embedded database in memory may begin as; only the tests of servers have it. */
    emptyCluster: string | undefined
    /** The program that browser tests drive. */
    chromiumPath: string
  }
}
