/** One statement of ours. PostgreSQL plans it once per connection and name. */
export type Statement = {
  /** Unique among all statements; empty for one that is planned every time. */
  readonly name: string
  readonly text: string
  readonly values: readonly unknown[]
}

/**
 * Runs one statement, which is also one transaction. Conflicts with others are retried inside.
 * @throws RequestError `storage_unavailable` when the database cannot be asked or its answer was lost.
 */
export type RunStatement = <R>(statement: Statement) => Promise<R[]>

/** A transaction that is under way; it ends with the function it was given to. */
export type Transaction = {
  query<R>(statement: Omit<Statement, 'name'>): Promise<R[]>
  /** Several statements in one text, without parameters. */
  script(text: string): Promise<void>
}
