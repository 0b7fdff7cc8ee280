import type { Database } from './open-database.ts'
import type { Transaction } from './statement.ts'

/**
 * Where the database's history stands: another cluster, another database in it or another timeline is another history,
 * in which what was committed and what the warm sequence gave out may be missing. A failover and a restored backup
 * begin a new timeline; a dump is restored into another database.
 */
export const PRESENT_HISTORY = `concat_ws('/',
  (select system_identifier from pg_control_system()),
  (select oid from pg_database where datname = current_database()),
  left(pg_walfile_name(pg_current_wal_lsn()), 8))`

/** More warms than nodes can have drawn from a primary and lost with it. */
const WARMS_LOST_AT_MOST = 1_000_000

/**
 * The ledger's epoch, a number of the warm sequence: keys that were warmed with it or with a lower one are cold. Waits
 * for whoever is raising it: every later one is drawn after this answer.
 * @throws RequestError `storage_unavailable`.
 */
export async function readLedgerEpoch(db: Database): Promise<number> {
  const rows = await db.query<{ epoch: number }>({
    name: 'read-ledger-epoch',
    text: 'select epoch from ledger_epoch for share',
    values: [],
  })
  return epochIn(rows)
}

/** The epoch as it is now. */
export type RaisedEpoch = {
  readonly epoch: number
  /**
   * Marks as done what no ledger has to hear of any more. Whoever waits for the epoch need not wait for that: rows that
   * stay undone are told again, which changes nothing.
   *
   * @throws RequestError `storage_unavailable`.
   */
  readonly closeOutbox: () => Promise<void>
}

/**
 * Makes every key of every ledger cold, unless somebody else did so since `from` was read: of nodes that ask for it at
 * the same moment one raises the epoch, and all get the same new one.
 *
 * @throws RequestError `storage_unavailable`; nothing has changed then, or the answer was lost.
 */
export async function bumpLedgerEpoch(db: Database, { from }: { from: number }): Promise<RaisedEpoch> {
  const raised = await db.transaction(async (transaction) => {
    const held = await lockEpoch(transaction)
    return held.epoch === from ? raiseEpoch(transaction, held) : { epoch: held.epoch, seen: null }
  })
  return { epoch: raised.epoch, closeOutbox: () => closeSeen(db, raised.seen) }
}

/**
 * After a failover or from a backup the database may lack what ledgers hold: a new epoch. The first node ever only
 * notes down which history this is.
 *
 * @returns the epoch as it is now.
 * @throws RequestError `storage_unavailable`.
 */
export async function adoptHistory(db: Database): Promise<number> {
  const { epoch, seen } = await db.transaction(async (transaction) => {
    const held = await lockEpoch(transaction)
    if (held.history !== null && held.history !== held.present) return raiseEpoch(transaction, held)
    if (held.history === null)
      await transaction.query({ text: `update ledger_epoch set history = ${PRESENT_HISTORY}`, values: [] })
    return { epoch: held.epoch, seen: null }
  })
  await closeSeen(db, seen)
  return epoch
}

type HeldEpoch = { epoch: number; history: string | null; present: string }

async function lockEpoch(transaction: Transaction): Promise<HeldEpoch> {
  const [held] = await transaction.query<HeldEpoch>({
    text: `select epoch, history, ${PRESENT_HISTORY} as present from ledger_epoch for update`,
    values: [],
  })
  if (held === undefined) throw new Error('the ledger has no epoch')
  return held
}

/** The epoch, and what was committed by the time it was drawn; `null`: somebody else raised it, and closes the outbox. */
type Raised = { epoch: number; seen: string | null }

async function raiseEpoch(transaction: Transaction, { history, present }: HeldEpoch): Promise<Raised> {
  if (history !== null && history !== present) {
    const text = `select setval('ledger_warm', nextval('ledger_warm') + $1::bigint)`
    await transaction.query({ text, values: [WARMS_LOST_AT_MOST] })
  }
  const looked = await transaction.query<{ seen: string }>({
    text: 'select pg_current_snapshot()::text as seen',
    values: [],
  })
  const rows = await transaction.query<{ epoch: number }>({
    text: `update ledger_epoch set epoch = nextval('ledger_warm'), history = ${PRESENT_HISTORY} returning epoch`,
    values: [],
  })
  return { epoch: epochIn(rows), seen: looked[0]?.seen ?? null }
}

/**
 * Which rows may be marked done: those whose commit every key that is warm from now on has in its snapshot. Such a key
 * has a warm number above the new epoch, so it was drawn, and the snapshot read, after the epoch's own number was. So
 * the look comes first and the number is drawn after that: what the look sees was committed before it, and on one
 * primary every later snapshot sees it, too. A row that commits between the two, or that somebody is marking or claiming
 * at this moment, stays undone and is told again, which changes nothing.
 */
async function closeSeen(db: Database, seen: string | null): Promise<void> {
  if (seen === null) return
  const text = `
    with undone as (
      select o.id, o.created_at from outbox o
      where o.done_at is null and pg_visible_in_snapshot(o.xact, $1::pg_snapshot)
      for update skip locked)
    update outbox o set done_at = clock_timestamp()
    from undone u where o.id = u.id and o.created_at = u.created_at`
  await db.transaction((transaction) => transaction.query({ text, values: [seen] }))
}

function epochIn(rows: readonly { epoch: number }[]): number {
  const [row] = rows
  if (row === undefined) throw new Error('the ledger has no epoch')
  return row.epoch
}
