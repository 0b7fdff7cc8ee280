import type { Database } from './open-database.ts'
import type { OutboxRow } from './read-present-state.ts'

export type ClaimUndone = {
  /** Rows of nodes that live, this one among them, are left alone for so long: they may merely be slow. */
  undoneForMs: number
  /** The same for rows of nodes without a heartbeat. */
  orphanedForMs: number
  /** How long nobody else may claim them. */
  claimMs: number
  /** Rows at most, the oldest first. */
  limit: number
}

/** A node is believed to live for so long after its last heartbeat. */
const HEARTBEAT_GOOD_FOR_MS = 3_000

/**
 * Takes rows of the outbox that nobody said to be done, whoever wrote them: until the claim lapses no other node gets
 * them, and one that dies with them gives them back by that. Found by what they lack and not by their numbers, so one
 * that commits long after its number was drawn is found as well.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function claimUndone(
  db: Database,
  { undoneForMs, orphanedForMs, claimMs, limit }: ClaimUndone,
): Promise<OutboxRow[]> {
  return db.query<OutboxRow>({
    name: 'claim-undone',
    text: `
      with due as (
        select o.id, o.created_at from outbox o
        where o.done_at is null
          and o.created_at <= clock_timestamp() - make_interval(secs => $2::float8 / 1000)
          and (o.claimed_until is null or o.claimed_until <= clock_timestamp())
          and (o.created_at <= clock_timestamp() - make_interval(secs => $1::float8 / 1000)
            or not exists (
              select from nodes n where n.node_id = o.node_id
                and n.heartbeat_at > clock_timestamp() - make_interval(secs => $5::float8 / 1000)))
        order by o.created_at limit $4
        for update of o skip locked
      )
      update outbox o set claimed_until = clock_timestamp() + make_interval(secs => $3::float8 / 1000)
      from due where o.id = due.id and o.created_at = due.created_at
      returning o.id::text as id, o.payload`,
    values: [undoneForMs, orphanedForMs, claimMs, limit, HEARTBEAT_GOOD_FOR_MS],
  })
}
