import { PRESENT_HISTORY } from './ledger-epoch.ts'
import type { Database } from './open-database.ts'

/** What a node learns once a second. */
export type Heartbeat = {
  /** Keys of the ledger that were warmed with this number or a lower one are cold. */
  epoch: number
  /** Whether the database is the one that the epoch belongs to; if not, `adoptHistory`. */
  isKnownHistory: boolean
  /** Whether another node lives. */
  hasOthers: boolean
  /** Whether one of them keeps a ledger of its own. */
  othersKeepOwn: boolean
}

/**
 * This node lives, and says so under the name its outbox rows carry; the rows of nodes that said nothing for a minute
 * go. One small statement, to be called every second. All times are the database's.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function sendHeartbeat(
  db: Database,
  { keepsOwnLedger }: { keepsOwnLedger: boolean },
): Promise<Heartbeat> {
  const [heartbeat] = await db.query<Heartbeat>({
    name: 'send-heartbeat',
    text: `
      with beat as (
        insert into nodes (node_id, keeps_own_ledger) values (current_setting('application_name'), $1)
        on conflict (node_id) do update set heartbeat_at = clock_timestamp(), keeps_own_ledger = $1
      ), swept as (
        delete from nodes n
        using (
          select d.node_id from nodes d
          where d.heartbeat_at < clock_timestamp() - interval '1 minute'
            and d.node_id <> current_setting('application_name')
          for update skip locked
        ) dead
        where n.node_id = dead.node_id
      )
      select e.epoch, e.history is not distinct from ${PRESENT_HISTORY} as "isKnownHistory",
        others.count > 0 as "hasOthers", others.own > 0 as "othersKeepOwn"
      from ledger_epoch e cross join (
        select count(*) as count, count(*) filter (where n.keeps_own_ledger) as own from nodes n
        where n.node_id <> current_setting('application_name')
          and n.heartbeat_at > clock_timestamp() - interval '10 s') others`,
    values: [keepsOwnLedger],
  })
  if (heartbeat === undefined) throw new Error('the ledger has no epoch')
  return heartbeat
}

/**
 * This node ends: what it leaves undone is taken over without waiting for its heartbeat to grow old.
 * @throws RequestError `storage_unavailable`; the row goes by itself then.
 */
export async function endHeartbeat(db: Database): Promise<void> {
  await db.query({
    name: 'end-heartbeat',
    text: `delete from nodes where node_id = current_setting('application_name')`,
    values: [],
  })
}
