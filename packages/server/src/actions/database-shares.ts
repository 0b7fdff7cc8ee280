import { limitConcurrency } from '../store/limit-concurrency.ts'
import { onePerKey } from '../store/one-per-key.ts'
import type { Database } from '../store/open-database.ts'
import { readPagesAfter, readPagesBefore } from '../store/read-messages.ts'
import { together } from '../store/together.ts'
import type { ActionContext } from './context.ts'

/** Of the connections to the database. */
const SHARES = { pages: 0.25, changes: 0.5 }
const MOST_WAITING = {
  /** A few seconds' work; whoever scrolls has given up by then. */
  pages: 1_000,
  /** In one room, or of one person: what somebody may send at once, from a few devices. */
  changes: 500,
}
/** By one statement: enough that a busy event loop is no limit, and no more than a few milliseconds of it. */
const PAGES_AT_ONCE = 8

/**
 * How much of the database may be taken by what can wait, so that a message never does: whoever scrolls waits for others
 * who scroll, and whoever deletes a thousand messages of a large room for themselves.
 */
export function createShares(
  db: Database,
  { databaseConnections }: { databaseConnections: number },
): Pick<ActionContext, 'pages' | 'pagesBefore' | 'pagesAfter' | 'changes'> {
  const pages = limitConcurrency(Math.ceil(databaseConnections * SHARES.pages), {
    maxWaiting: MOST_WAITING.pages,
  })
  const limits = { most: PAGES_AT_ONCE, maxWaiting: MOST_WAITING.pages }
  return {
    pages,
    pagesBefore: together(pages, (asked) => readPagesBefore(db, asked), limits),
    pagesAfter: together(pages, (asked) => readPagesAfter(db, asked), limits),
    changes: onePerKey(limitConcurrency(Math.floor(databaseConnections * SHARES.changes)), {
      maxWaiting: MOST_WAITING.changes,
    }),
  }
}
