import type { Database } from './open-database.ts'
import type { OutboxRow } from './read-present-state.ts'

/**
 * How far somebody has read. A set of transactions and not a number: rows commit in another order than their numbers
 * are drawn in, and as late as they like.
 */
export type TailPosition = {
  /** What was committed when the rows that were read last were looked for; `null` before the first time. */
  readonly told: string | null
  /** Of rows that take several pages: what was committed when the first page was read, and its last row. */
  readonly page: { readonly upTo: string; readonly afterId: string } | null
}

export const TAIL_START: TailPosition = { told: null, page: null }

export type OutboxTailPage = {
  rows: OutboxRow[]
  /** Where to go on. A page with as many rows as were asked for may have others behind it. */
  next: TailPosition
}

/**
 * What other nodes committed since, done or not: each row once, and none is missed. From the start, and after the
 * database became an older one than it was, it is what was written within the last 10 s.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function readOutboxTail(
  db: Database,
  { told, page }: TailPosition,
  limit: number,
): Promise<OutboxTailPage> {
  const [read] = await db.query<{ upTo: string; rows: OutboxRow[] }>({
    name: 'read-outbox-tail',
    text: OUTBOX_TAIL,
    values: [told, page?.upTo ?? null, page?.afterId ?? '0', limit],
  })
  if (read === undefined) throw new Error('the outbox has no tail')
  const { rows, upTo } = read
  const last = rows.at(-1)
  const isFull = last !== undefined && rows.length >= limit
  const next = isFull ? { told, page: { upTo, afterId: last.id } } : { told: upTo, page: null }
  return { rows, next }
}

// A row is new when its transaction began after what was told, or was under way then. With several connections a few
// are under way at any moment, so both are found by the index, however many rows there are.
const OUTBOX_TAIL = `
  with span as materialized (
    select
      case when pg_snapshot_xmax($1::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot()) then $1::pg_snapshot end as told,
      coalesce($2::pg_snapshot, pg_current_snapshot()) as up_to
  ), fresh as (
    select o.id, o.node_id, o.xact, o.payload
    from span cross join lateral (
      select * from outbox x where x.xact >= pg_snapshot_xmax(span.told) order by x.xact) o
    union all
    select o.id, o.node_id, o.xact, o.payload
    from span cross join pg_snapshot_xip(span.told) late(xact)
    cross join lateral (select * from outbox x where x.xact = late.xact order by x.xact) o
    union all
    select o.id, o.node_id, o.xact, o.payload
    from span cross join outbox o
    where span.told is null and o.id > coalesce((
      select x.id from outbox x where x.created_at < now() - interval '10 s' order by x.id desc limit 1), 0)
  )
  select span.up_to::text as "upTo", (
    select coalesce(json_agg(json_build_object('id', page.id::text, 'payload', page.payload) order by page.id), '[]')
    from (
      select fresh.id, fresh.payload from fresh
      where fresh.id > $3::bigint and fresh.node_id <> current_setting('application_name')
        and pg_visible_in_snapshot(fresh.xact, span.up_to)
      order by fresh.id limit $4
    ) page
  ) as rows
  from span`
