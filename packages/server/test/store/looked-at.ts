import type { Database } from '../../src/store/open-database.ts'
import type { Statement, Transaction } from '../../src/store/statement.ts'

/** Rows that the transaction fetched so far by index or by scan, not counting those of the system's own tables. */
export async function lookedAt(transaction: Transaction): Promise<number> {
  const [row] = await transaction.query<{ looked: number }>({ text: LOOKED_AT, values: [] })
  return row!.looked
}

/** A database whose statements all run in the transaction that is under way. */
export function within({ query }: Transaction): Database {
  return { query: (statement: Statement) => query(statement), commitLanes: 1 } as unknown as Database
}

const LOOKED_AT = `
  select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint as looked from pg_stat_xact_user_tables`
