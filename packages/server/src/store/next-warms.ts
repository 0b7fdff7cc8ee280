import type { Database } from './open-database.ts'

/**
 * The next numbers of the ledger's warm sequence: each is given once, ever, and a later one is higher. And the ledger's
 * epoch as it is once they are drawn: every later one is above them. Waits for whoever is raising it.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function nextWarms(db: Database, count: number): Promise<{ warms: number[]; epoch: number }> {
  const [drawn] = await db.query<{ warms: number[]; epoch: number }>({
    name: 'next-warms',
    text: `
      with drawn as materialized (
        select json_agg(nextval('ledger_warm')) as warms from generate_series(1, $1::integer)
      )
      select drawn.warms, known.epoch
      from drawn cross join lateral (
        select e.epoch from ledger_epoch e where drawn.warms is not null for share) known`,
    values: [count],
  })
  if (drawn === undefined) throw new Error('the ledger has no epoch')
  return drawn
}
