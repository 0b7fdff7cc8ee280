import type { Table } from '../report/result.ts'
import type { Parts } from './message-parts.ts'

const SLOWEST = 3

type ServerPart = Exclude<keyof Parts, 'generator'>

/** What a message waits for in each part, and what being rid of most of it would cost. */
const WHAT_IT_WOULD_TAKE: Record<ServerPart, string> = {
  edge: 'Nearly all of it is waiting for the groups before, one on its way to the database and one in the ledger. More groups at once would wait less and be smaller, so each message would cost more and the ceiling come down; a second node halves it.',
  commit:
    'The round trip to PostgreSQL and its flush of the disk. Acknowledging before the flush saves most of it, and the promise that what is acknowledged is kept; a disk that flushes faster saves it without.',
  ledger:
    'The round trip to Redis and the script for the group, after the commit because a badge may not count what may still be undone. Counting in the server saves it, and the second node with it.',
  fanOut:
    'Frames held back so that one carries several messages, and one write for each receiver. Holding nothing back sends more frames, each a call of the kernel.',
  socket:
    'Loopback and the queues of both processes on the same cores. A generator on another machine, or a core more, takes most of it away.',
}

/** The three in which a message spends most time. @param parts on average, in ms. */
export function slowestTable(parts: Parts, load: string): Table {
  const { generator: _, ...ofServer } = parts
  const names = (Object.keys(WHAT_IT_WOULD_TAKE) as ServerPart[])
    .toSorted((one, other) => ofServer[other] - ofServer[one])
    .slice(0, SLOWEST)
  const total = Object.values(ofServer).reduce((sum, ms) => sum + ms, 0)
  return {
    caption: `The three in which a message spends most time ${load}, and what being rid of them would cost`,
    head: ['', 'ms', 'of the whole', ''],
    rows: names.map((name) => [
      name === 'fanOut' ? 'fan-out' : name,
      ofServer[name].toFixed(2),
      `${((100 * ofServer[name]) / total).toFixed(0)} %`,
      WHAT_IT_WOULD_TAKE[name],
    ]),
  }
}
