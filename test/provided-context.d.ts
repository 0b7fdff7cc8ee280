import 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the maintenance database of a PostgreSQL that belongs to this run; take your own with createTestDatabase. */
    postgresUrl: string
    /** The program that browser tests drive. */
    chromiumPath: string
  }
}
