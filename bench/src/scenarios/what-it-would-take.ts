import type { ServerLayer } from '../measure/profile-layers.ts'

/** What a message's processor time is spent on, the load itself left out. */
export type CostlyPart = ServerLayer | 'database' | 'Redis'

/** What each part does for a message, and what being rid of most of it would cost. */
export const WHAT_IT_WOULD_TAKE: Record<CostlyPart, string> = {
  'socket in':
    'Engine.IO, Socket.IO and `ws` take the frame apart. A reader of our own for these three formats would do it in one go, and would have to stay right for every client that is installed.',
  'parse and check':
    'The schema of the request, limits, the fingerprint by which a repeated send is known. Checks compiled at start would save a part; leaving one out would be a hole.',
  commit:
    'The server’s side of the group commit: putting the group together, `pg` writing its arrays as text and reading the rows of the answer. A binary format would take a driver of our own.',
  ledger:
    'The server’s side of the call that merges badges: packing and unpacking what the script is told. It falls away without Redis, and with it the second node.',
  deliver:
    'Who is told what: the members of the room, which of their devices have it open, what a row says. Less would be told only by telling it later, in fuller frames.',
  'other nodes': 'Word to the other nodes, and theirs. A node that knew it was alone could save its own.',
  'socket out':
    'A frame for the receiver, one for the acknowledgement, each a call of the kernel through Node’s streams. A socket layer in native code would save much of it, and would replace Socket.IO’s own server, its polling included.',
  background:
    'Outbox, metrics, leases: they are asked in batches and would only get slower to notice things.',
  garbage:
    'What was made for one message and thrown away. Objects that are used again would save a part, at the price of code in which nothing may be kept by mistake.',
  runtime:
    'Promises, timers and streams of Node between all the others. It shrinks with the number of steps a message takes.',
  database:
    'PostgreSQL’s side: who may write, was it sent before, its place in the room, everybody’s counters, the outbox, and one flush for the group. `bare` does none of it but the insert. To save more, a promise would have to go, or rights be kept in the server’s memory and be taken back from there.',
  Redis:
    'The script that merges badges, and word to the nodes. Counting in the server’s own memory saves all of it: that is Tally without Redis, on one node.',
}
