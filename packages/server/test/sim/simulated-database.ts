import { RequestError } from '@tally/protocol'
import type { Database } from '../../src/store/open-database.ts'
import type { RunStatement } from '../../src/store/statement.ts'
import { typedStatements } from '../../src/store/typed-statements.ts'
import type { DatabaseModel, Session } from './database-model.ts'
import type { Link } from './link.ts'
import { answerOf } from './statements.ts'

const COMMIT_LANES = 2

/** The database that all nodes share. */
export type DatabaseServer = {
  readonly model: DatabaseModel
  /** Answers nobody for now. */
  isDown: boolean
}

/** One node's connections to the database: statements take effect one after the other, in an order of their own. */
export function connectDatabase(
  server: DatabaseServer,
  { session, link }: { session: Session; link: Link },
): Database {
  const query: RunStatement = async <R>(statement: Parameters<RunStatement>[0]) => {
    await link.travel()
    if (server.isDown || link.faults.strikes('statement refused')) throw away()
    const before = server.model.outbox.size
    server.model.session = session
    const rows = answerOf(server.model, statement)
    const isCommit = server.model.outbox.size > before
    if (isCommit) link.reached('commit')
    if (isCommit && link.faults.strikes('answer of a commit lost')) throw away()
    await link.travel()
    return rows as R[]
  }
  return {
    query,
    kysely: typedStatements(query),
    transaction: async (work) => {
      await link.travel()
      if (server.isDown || link.faults.strikes('statement refused')) throw away()
      // As one: its statements are answered before anything else can happen.
      const answer = await work({
        query: async <R>({ text, values }: { text: string; values: readonly unknown[] }) =>
          answerOf(server.model, { name: '', text, values }) as R[],
        script: () => Promise.reject(new Error('nothing of a running node changes the schema')),
      })
      await link.travel()
      return answer
    },
    commitLanes: COMMIT_LANES,
    answersAtOnce: false,
    get available() {
      return !server.isDown
    },
    close: () => Promise.resolve(),
  }
}

function away(): RequestError {
  return new RequestError('storage_unavailable', { retryAfterMs: 1_000 })
}
