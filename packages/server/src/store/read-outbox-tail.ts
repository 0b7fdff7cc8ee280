import type { Database } from './open-database.ts'
import type { OutboxRow } from './read-present-state.ts'

export type OutboxTailPage = {
  rows: OutboxRow[]
  /** Rows up to this number are so old that no more of them can commit: nobody has to remember them. */
  settledId: number
}

/**
 * What other nodes committed, done or not: rows above a number (the first time: those of the last 10 s) without those
 * that were seen. A row commits later than its number is drawn, but not by more than the time a statement may take: so
 * whoever reads goes on from `settledId`, reads the last 10 s again every time, and misses none.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function readOutboxTail(
  db: Database,
  { afterId, seenIds, limit }: { afterId: number | null; seenIds: readonly string[]; limit: number },
): Promise<OutboxTailPage> {
  const [page] = await db.query<OutboxTailPage>({
    // Planned every time: only when it knows the numbers it hashes them.
    name: '',
    text: `
      with settled as materialized (
        select coalesce((
          select x.id from outbox x where x.created_at < now() - interval '10 s' order by x.id desc limit 1), 0) as id
      )
      select settled.id as "settledId", coalesce(json_agg(t.row order by t.id) filter (where t.id is not null), '[]') as rows
      from settled left join lateral (
        select o.id, json_build_object('id', o.id::text, 'payload', o.payload) as row from outbox o
        where o.id > coalesce($1::bigint, settled.id) and o.id <> all($2::bigint[])
          and o.node_id <> current_setting('application_name')
        order by o.id limit $3
      ) t on true
      group by settled.id`,
    values: [afterId, seenIds, limit],
  })
  if (page === undefined) throw new Error('the outbox has no tail')
  return page
}
