import type { UserId } from '@tally/protocol'
import type { Ledger } from '../../src/ledger/ledger.ts'
import type { Database } from '../../src/store/open-database.ts'
import { readSnapshot } from '../../src/store/read-snapshot.ts'
import type { RunStatement, Statement } from '../../src/store/statement.ts'
import type { Journal } from './journal.ts'

/** The same ledger, with the situations it came into noted down. */
export function observed(ledger: Ledger, journal: Journal): Ledger {
  return {
    read: (queries) => ledger.read(queries),
    drop: (users) => ledger.drop(users),
    stats: () => ledger.stats(),
    apply: async (steps) => {
      const outcomes = await ledger.apply(steps)
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome.state === 'ready' && steps[index]?.leases?.some(({ kind }) => kind === 'disconnect')) {
          journal.happened('device gone, and its leases given back')
        }
        if (outcome.state === 'ready' && outcome.missing.length > 0) {
          journal.happened('event named a room that the key did not hold')
        }
        if (outcome.state === 'ready' || (steps[index]?.rooms ?? []).length === 0) continue
        journal.happened(outcome.state === 'cold' ? 'event found a cold key' : 'event found a warming key')
      }
      return outcomes
    },
    beginWarm: async (users) => {
      const answers = await ledger.beginWarm(users)
      if (answers.includes('busy')) journal.happened('warming busy with another')
      return answers
    },
    finishWarm: async (users) => {
      const outcomes = await ledger.finishWarm(users)
      if (outcomes.some(({ state }) => state !== 'ready')) {
        journal.happened('warming taken over or lost its key')
      }
      return outcomes
    },
  }
}

const EARLY_MS = 100

/** A mistake on purpose: what is committed between the snapshot and the key is in neither. */
export function snapshotsBeforeKeys(db: Database): { db: Database; ledger: (right: Ledger) => Ledger } {
  const early = new Map<UserId, unknown[]>()
  const query: RunStatement = async <R>(statement: Statement) => {
    if (statement.name !== 'read-snapshot') return db.query<R>(statement)
    const [userIds] = statement.values as [UserId[]]
    return userIds.flatMap((userId) => early.get(userId) ?? []) as R[]
  }
  const readEarly = async (statement: Statement): Promise<never[]> => {
    const rows = await db.query<{ user_id: UserId }>(statement)
    for (const userId of statement.values[0] as UserId[]) {
      early.set(
        userId,
        rows.filter(({ user_id }) => user_id === userId),
      )
    }
    return []
  }
  return {
    db: { ...db, query },
    ledger: (right) => ({
      ...right,
      beginWarm: async (users) => {
        const userIds = users.map(({ userId }) => userId)
        await readSnapshot({ ...db, query: readEarly }, userIds)
        // Long enough for somebody to commit something.
        await new Promise((resolve) => setTimeout(resolve, EARLY_MS))
        return right.beginWarm(users)
      },
    }),
  }
}
