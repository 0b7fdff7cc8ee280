import { CONNECTIONS_PER_SECOND } from '../scenarios/admission.ts'
import type { Machine } from './machine.ts'
import type { Written } from './result.ts'

/** What somebody has to know to believe the figures, or not to. */
export function howItIsMeasured(results: readonly Written[]): string {
  return `- **Open loop.** Messages, polls and what people do are begun at intended times, whatever the server does. Latency runs from the
  intended time, so waiting shows up as latency and the generator's own lateness is in it. **One after the other** instead, each begun
  when the one before is done: \`many-rooms\`, \`history\`, the rounds of \`drift\`, the people of \`burst\`, and the starts of \`cold-start\`;
  connecting in \`idle\` and \`storm\` goes as fast as some hundreds at a time are let in.
- **A badge counts when it is right.** A message's latency ends at the first frame whose count of the room includes it, at the
  default coalescing delay (40 ms, the first one at once).
- **Generators are processes of their own**, on the same cores as everything else. A thread beside them says when something is due,
  to a tenth of a millisecond, and once a millisecond at most: what falls due in between is sent late. How late they were
  and what they took of a core is in the figures of every open load, and in the tables where it matters. A run that they
  limit is void, and says so; so is one in which \`single-cte\` holds less than 4,000 messages a second, or \`sequential\` or
  \`naive-redis\` less than 2,000: to be faster than a weak rival proves nothing. What is void is not in the short list
  above, not counted among the bars, and takes no place of what is not: its section says when that was measured. A wrong badge or a
  lost message counts all the same, void or not. A ratio whose rival may hold even more than was measured can only get worse:
  it is void where it would be held, and not held where it already fails.
- **Who is compared takes turns** on one machine in one call. Where there is more than one round (the table above says so), medians of
  the rounds are shown with the lowest and the highest; the others were measured once.
- **Durable** means PostgreSQL with \`fsync\` and \`synchronous_commit\` on, acknowledged after the commit; a bench that finds one of them
  off does not begin. Two keep less: the embedded database runs without \`fsync\`, as it always does (what it acknowledged survives the end
  of the process, not a power cut), and Redis saves nothing, as it may in production, because badges are made again from PostgreSQL.
- **Every scenario ends with the oracle**: all messages are counted anew in SQL and held against the registers in the database, and
  where people watch a screen or ask for their total, against that too. A fast wrong badge is a failure.
- **What the database is asked** is counted statement by statement (\`pg_stat_statements\`, which counts only while that is looked
  at), in several turns, each beside a time without the load. A statement counts as asked by the load if it ran more than twice as
  often with it in every turn; what a server asks by itself, some of it in bursts, does not. Transactions per message, in \`nodes\`,
  are what PostgreSQL tells of itself.
- **Not as it comes:** the limits of a person and of an address are raised, because a generator is hundreds of people at one address;
  \`idle\` lets in ${whole(CONNECTIONS_PER_SECOND.idle)} connections a second and \`groups\`, \`poll\`, \`mix\` and \`soak\` 5,000 instead of ${CONNECTIONS_PER_SECOND.usual} (\`storm\`, where it
  matters to the others, has the default); a server that ends does not spread its people over time. Node has the flags of \`npm start\`. Redis has
  \`hash-max-listpack-entries 512\`, as recommended in [OPERATIONS.md](OPERATIONS.md); PostgreSQL a higher \`max_connections\`,
  and of its log 1 GB of files to write into again, as one has that did not start a minute ago (\`min_wal_size\`).
  ejabberd and Prosody have no limits of people, no TLS and no hashed passwords, because no other contestant has them; accounts stay in
  their own files, as Debian has them.
- **The machine:** ${machinesOf(results)}.${commitsOf(results)}`
}

const whole = (value: number): string => value.toLocaleString('en-US')

/** The machines of all parts: one, unless some were measured elsewhere. */
function machinesOf(results: readonly Written[]): string {
  return [...new Set(results.map(({ machine }) => machineOf(machine)))].join('; and ')
}

function machineOf(machine: Machine): string {
  const { cores, cpu, memoryGb, system, node, postgres, redis, ejabberd, prosody = 'none', disk } = machine
  const files = disk === undefined ? [] : [`PostgreSQL on ${disk.fileSystem}`]
  const peers = `ejabberd ${ejabberd}, Prosody ${prosody}`
  const programs = `Node ${node}, PostgreSQL ${postgres}, Redis ${redis}, ${peers}`
  return [`${cores} cores (${cpu})`, `${memoryGb} GB`, ...files, system, programs].join(', ')
}

/** What one flush costs differs between the calls of a day: the lowest and the highest. */
function commitsOf(results: readonly Written[]): string {
  const times = results.flatMap(({ machine: { disk } }) => disk?.commitMs ?? [])
  if (times.length === 0) return ''
  const [low, high] = [Math.min(...times).toFixed(2), Math.max(...times).toFixed(2)]
  const range = low === high ? low : `${low} to ${high}`
  return ` One row is inserted and committed there in ${range} ms (median of 200, one after the other, flush included).`
}
