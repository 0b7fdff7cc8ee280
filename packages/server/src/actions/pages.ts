import { limitConcurrency } from '../store/limit-concurrency.ts'
import type { Database } from '../store/open-database.ts'
import { readPagesAfter, readPagesBefore } from '../store/read-messages.ts'
import { together } from '../store/together.ts'
import type { ActionContext } from './context.ts'

/** Of the connections to the database. */
const CONNECTIONS_SHARE = 0.25
/** A few seconds' work; whoever scrolls has given up by then. */
const MOST_WAITING = 1_000
/** By one statement: enough that a busy event loop is no limit, and no more than a few milliseconds of it. */
const MOST_AT_ONCE = 8

/** Reads pages of history, in few connections, so that whoever scrolls waits for others who scroll, and no message does. */
export function createPages(
  db: Database,
  { databaseConnections }: { databaseConnections: number },
): Pick<ActionContext, 'pages' | 'pagesBefore' | 'pagesAfter'> {
  const pages = limitConcurrency(Math.ceil(databaseConnections * CONNECTIONS_SHARE), {
    maxWaiting: MOST_WAITING,
  })
  const limits = { most: MOST_AT_ONCE, maxWaiting: MOST_WAITING }
  return {
    pages,
    pagesBefore: together(pages, (asked) => readPagesBefore(db, asked), limits),
    pagesAfter: together(pages, (asked) => readPagesAfter(db, asked), limits),
  }
}
