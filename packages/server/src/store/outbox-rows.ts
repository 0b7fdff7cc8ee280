import { NOT_FLUSHED } from './not-flushed.ts'
import type { Database } from './open-database.ts'

/** Partitions are an hour each; those of the next hours are made ahead, and rows that are done stay this long. */
const HOURS_AHEAD = 3
const KEEP_DONE_HOURS = 2

/**
 * The ledger holds what these rows say. Written in batches, because a lost mark only costs a merge done twice.
 * @throws RequestError `storage_unavailable`.
 */
export async function markOutboxDone(db: Database, outboxIds: readonly string[]): Promise<void> {
  if (outboxIds.length === 0) return
  await db.query({
    name: 'mark-outbox-done',
    text: `
      with done as (
        update outbox set done_at = clock_timestamp() where id = any($1::bigint[]) and done_at is null
      )
      select ${NOT_FLUSHED}`,
    values: [outboxIds],
  })
}

/**
 * Every row written so far is done, because no copy of the ledger is left that could lack it: for a start with an empty
 * ledger that nobody else shares.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function closeOutbox(db: Database): Promise<void> {
  await db.query({
    name: 'close-outbox',
    text: 'update outbox set done_at = clock_timestamp() where done_at is null',
    values: [],
  })
}

/**
 * Makes the outbox's next partitions and drops those that are done and old. To be called at the start and every few
 * minutes; late calls cost nothing but tidiness.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function maintainOutbox(db: Database): Promise<void> {
  await db.query({
    name: 'maintain_outbox',
    text: 'select maintain_outbox($1, make_interval(hours => $2))',
    values: [HOURS_AHEAD, KEEP_DONE_HOURS],
  })
}
