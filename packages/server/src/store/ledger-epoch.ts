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

/**
 * Makes every key of every ledger cold and closes the outbox behind it, unless somebody else did so since `from` was
 * read: of nodes that ask for it at the same moment one raises the epoch, and all get the same new one.
 *
 * @returns the epoch as it is now.
 * @throws RequestError `storage_unavailable`; nothing has changed then, or the answer was lost.
 */
export function bumpLedgerEpoch(db: Database, { from }: { from: number }): Promise<number> {
  return db.transaction(async (transaction) => {
    const held = await lockEpoch(transaction)
    return held.epoch === from ? raiseEpoch(transaction, held) : held.epoch
  })
}

/**
 * After a failover or from a backup the database may lack what ledgers hold: a new epoch. The first node ever only
 * notes down which history this is.
 *
 * @returns the epoch as it is now.
 * @throws RequestError `storage_unavailable`.
 */
export function adoptHistory(db: Database): Promise<number> {
  return db.transaction(async (transaction) => {
    const held = await lockEpoch(transaction)
    if (held.history !== null) {
      return held.history === held.present ? held.epoch : raiseEpoch(transaction, held)
    }
    await transaction.query({ text: `update ledger_epoch set history = ${PRESENT_HISTORY}`, values: [] })
    return held.epoch
  })
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

/**
 * Which rows may be marked done: those whose commit every key that is warm from now on has in its snapshot. Such a key
 * has a warm number above the new epoch, so it was drawn, and the snapshot read, after the epoch's own number was. So
 * the rows are looked at first and the number is drawn after that: what the look sees was committed before it, and on
 * one primary every later snapshot sees it, too. A row that commits between the two, or that somebody is marking or
 * claiming at this moment, stays undone and is told again, which changes nothing.
 */
async function raiseEpoch(transaction: Transaction, { history, present }: HeldEpoch): Promise<number> {
  if (history !== null && history !== present) {
    const text = `select setval('ledger_warm', nextval('ledger_warm') + $1::bigint)`
    await transaction.query({ text, values: [WARMS_LOST_AT_MOST] })
  }
  await transaction.query({
    text: `
      with undone as (
        select o.id, o.created_at from outbox o where o.done_at is null for update skip locked)
      update outbox o set done_at = clock_timestamp()
      from undone u where o.id = u.id and o.created_at = u.created_at`,
    values: [],
  })
  const rows = await transaction.query<{ epoch: number }>({
    text: `update ledger_epoch set epoch = nextval('ledger_warm'), history = ${PRESENT_HISTORY} returning epoch`,
    values: [],
  })
  return epochIn(rows)
}

function epochIn(rows: readonly { epoch: number }[]): number {
  const [row] = rows
  if (row === undefined) throw new Error('the ledger has no epoch')
  return row.epoch
}
