import { lanes } from '../store/lanes.ts'
import { limitConcurrency } from '../store/limit-concurrency.ts'
import type { Database } from '../store/open-database.ts'
import { readPagesAfter, readPagesBefore } from '../store/read-messages.ts'
import { together } from '../store/together.ts'
import type { ActionContext } from './context.ts'

/**
 * Of the connections to the database, at most. What may wait for a lock never has all of them: pages wait for none, so
 * their places are free again within milliseconds.
 */
const SHARES = { pages: 0.25, changes: 0.25, own: 0.5 }
/** A few seconds' work; whoever scrolls has given up by then. */
const PAGES_WAITING = 1_000
/** By one statement: enough that a busy event loop is no limit, and no more than a few milliseconds of it. */
const PAGES_AT_ONCE = 8
/** Of one person: what they may ask at once. */
const OF_A_PERSON = { maxWaiting: 250, mostInAll: 5_000 }
/** In one room: of everybody one. */
const IN_A_ROOM = { maxWaiting: 1_000, mostInAll: 5_000 }

/**
 * How much of the database is taken by what may have to wait there, so that messages do not: whoever scrolls waits for others
 * who scroll, whoever deletes a thousand messages of a large room for themselves, and whoever reads in it meanwhile for
 * others who read.
 */
export function createShares(
  db: Database,
  { databaseConnections }: { databaseConnections: number },
): Pick<ActionContext, 'pages' | 'pagesBefore' | 'pagesAfter' | 'changes' | 'ownChanges'> {
  const placesOf = (share: number): number => Math.max(1, Math.floor(databaseConnections * share))
  const pages = limitConcurrency(Math.ceil(databaseConnections * SHARES.pages), { maxWaiting: PAGES_WAITING })
  const limits = { most: PAGES_AT_ONCE, maxWaiting: PAGES_WAITING }
  const changes = {
    persons: lanes(OF_A_PERSON),
    rooms: lanes(IN_A_ROOM),
    places: limitConcurrency(placesOf(SHARES.changes)),
  }
  const own = { persons: lanes(OF_A_PERSON), places: limitConcurrency(placesOf(SHARES.own)) }
  return {
    pages,
    pagesBefore: together(pages, (asked) => readPagesBefore(db, asked), limits),
    pagesAfter: together(pages, (asked) => readPagesAfter(db, asked), limits),
    // In a room everybody has one turn after the other, however much one of them asks for.
    changes: ({ caller, roomId }, work) =>
      changes.persons(caller?.userId ?? `host:${roomId}`, () =>
        changes.rooms(roomId, () => changes.places(work)),
      ),
    ownChanges: (userId, work) => own.persons(userId, () => own.places(work)),
  }
}
