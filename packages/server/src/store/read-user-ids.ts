import type { UserId } from '@tally/protocol'
import type { Database } from './open-database.ts'

/**
 * A page of this node's share of everybody there is, by id: the nodes that live and share a ledger share out the people,
 * by hash. All of them where the ledger is this node's own, because nobody else sees into it. While nodes come and go a
 * share moves: whoever is passed over by that is found the next time.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function readUserIds(
  db: Database,
  { afterUserId, limit }: { afterUserId: UserId | null; limit: number },
): Promise<UserId[]> {
  const rows = await db.query<{ id: UserId }>({
    name: 'read-user-ids',
    text: `
      with sharing as materialized (
        select case when bool_or(n.node_id = own.id) then count(*) else 1 end as nodes,
          count(*) filter (where n.node_id < own.id) as place
        from (select current_setting('application_name') collate "C" as id) own
        join nodes n on not n.keeps_own_ledger and n.heartbeat_at > clock_timestamp() - interval '10 s'
      )
      select u.id from sharing cross join lateral (
        select x.id from users x
        where x.id > $1 and (sharing.nodes = 1 or (hashtext(x.id) & 2147483647) % sharing.nodes = sharing.place)
        order by x.id limit $2
      ) u`,
    values: [afterUserId ?? '', limit],
  })
  return rows.map(({ id }) => id)
}
