import type { Database } from './open-database.ts'

/**
 * The next numbers of the ledger's warm sequence: each is given once, ever, and a later one is higher.
 * @throws RequestError `storage_unavailable`.
 */
export async function nextWarms(db: Database, count: number): Promise<number[]> {
  const rows = await db.query<{ warm: number }>({
    name: 'next-warms',
    text: `select nextval('ledger_warm') as warm from generate_series(1, $1::integer)`,
    values: [count],
  })
  return rows.map(({ warm }) => warm)
}
