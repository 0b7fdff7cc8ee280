import type { Machine } from '../../src/report/machine.ts'
import { markdownTable } from '../../src/report/markdown-table.ts'
import type { DriftResult } from '../naive/run-drift.ts'
import type { NaiveResult } from '../naive/run-naive.ts'
import type { ChaosOptions } from '../options.ts'
import type { PhaseResult } from '../run-phase.ts'

/** What the tables show of a fault; quarter by quarter of a second it is in the picture. */
type ReportedPhase = Omit<PhaseResult, 'timeline'>

/** One run: what it was made with, and what came of it. Figures that are not there are `null` once they were written. */
export type Report = {
  startedAt: string
  machine: Machine
  options: ChaosOptions
  results: readonly ReportedPhase[]
  drift: readonly DriftResult[]
  naive: readonly NaiveResult[]
}

/** The report in words and tables, for people: of a run through everything, and of those with many people. */
export function markdownOf({ all, full }: { all: Report | undefined; full: readonly Report[] }): string {
  const sections = [all === undefined ? [] : sectionsOf(all), full.map(fullSection)]
  return `# Chaos\n\n${sections.flat().join('\n')}`
}

function sectionsOf(report: Report): string[] {
  const { options, results, drift, naive } = report
  const about = `${madeBy(report, 'npm run chaos')}

Real processes on one machine: ${options.nodes} nodes of Tally behind a TCP balancer that shares connections out in turn, without stickiness;
PostgreSQL with fsync; one Redis, or a cluster of six. ${options.people} people in pairs and groups of ${options.groupSize}, on our SDK, on the bare
\`socket.io-client\` that installed apps use, and polling over HTTP; some with two devices. They send ${options.perSecond} messages a second in an
open loop, with a \`clientId\`, and try again until acknowledged; they read, and open rooms.

After each fault, at rest, a checker that shares nothing with the server counts every message anew in SQL and holds that against
the registers in the database, what \`GET /v1/badge\` answers, and what every device shows.
${machineOf(report)}

## What was promised, and what happened

${promiseTable(results)}

- **gap**: the longest time between a commit and its badge at another person's device whose connection held all that time; beside
  it, with those that had to reconnect. It includes what the machine itself was busy with.
- **exact after**: from the end of the fault until the last badge that was more than a second late had arrived, under load.
- **refused**: sends that the server answered with a refusal; clients send them again. Refusals stay inside our SDK, which sends
  again by itself: these are those of the other clients.

![What was killed when, and what badge latency did](images/chaos.svg)

## Figures

${figureTable(results)}

- **database transactions**: per second, before the fault, in the busiest second from its beginning on, and in the busiest second
  from its end until everybody was warm; the load is among them.
- **warmed**: how many copies of badges were read anew from the database, on every node's own ledger too while Redis is away;
  beside it, from the end of the fault until the last of them was begun.
`
  return [about, ...driftSection(drift), ...naiveSection(naive)]
}

/** Redis lost with as many people and messages as one such installation is promised for. */
function fullSection(report: Report): string {
  const { options, results } = report
  const { people, perSecond, nodes, groupSize, realEvery, readShare, openShare } = options
  const name = `chaos-full-${nodes}`
  const nodesInWords = nodes === 1 ? '1 node' : `${nodes} nodes`
  return `## Full size: ${people} people, ${perSecond} messages a second, ${nodesInWords}

${madeBy(report, `npm run chaos -- --full --nodes ${nodes}`, `${name}.json`)}

${people} people in pairs and groups of ${groupSize}, some with two devices, all connected; ${perSecond} messages a second, and per message
${readShare} reads and ${openShare} openings or closings of a room. One first device in ${realEvery} is our SDK, an app on \`socket.io-client\`, or polls, each behind the
balancer; the others say and check the same as such an app on a raw socket straight to a node, so that the crowd fits beside what
it looks at. The checker is the same, and looks at every device. All of them, the database and Redis share the cores, so each
node more leaves less for the others. ${machineOf(report)}

${promiseTable(results)}

${figureTable(results)}

![What was done to Redis when, and what badge latency did](images/${name}.svg)
`
}

function madeBy({ startedAt }: Report, command: string, figures = 'chaos.json'): string {
  return `Written by \`${command}\` on ${startedAt.slice(0, 10)}; the figures behind it are in [${figures}](${figures}).`
}

function machineOf({ machine, options }: Report): string {
  return `${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB, Node ${machine.node}, ${machine.postgres}, ${machine.redis}; clients and servers share them. Seed ${options.seed}.`
}

function promiseTable(results: readonly ReportedPhase[]): string {
  const rows = results.map(
    ({ fault, promise, messages, rest, gap, gapWithReconnects, untilExactMs, broken }) => [
      fault,
      promise,
      broken.length === 0 ? 'kept' : `**broken**: ${broken.join('; ')}`,
      messages.lost + messages.unsent,
      messages.duplicated,
      rest.wrongDevices + rest.wrongTotals + rest.wrongRegisters,
      `${seconds(gap.max)} / ${seconds(gapWithReconnects.max)}`,
      seconds(untilExactMs),
    ],
  )
  return markdownTable(
    ['fault', 'promise', '', 'lost', 'twice', 'wrong badges', 'longest gap', 'exact after'],
    rows,
  )
}

function figureTable(results: readonly ReportedPhase[]): string {
  const rows = results.map(
    ({ fault, messages, send, refused, unanswered, wentDark, gap, database, figures, rest }) => [
      fault,
      messages.stored,
      `${seconds(send.p50)} / ${seconds(send.p99)}`,
      Object.entries(refused)
        .map(([code, count]) => `${count} ${code}`)
        .join(', ') || 0,
      unanswered,
      wentDark,
      `${seconds(gap.p50)} / ${seconds(gap.p99)}`,
      `${database.before} / ${database.peak} / ${database.recovery}`,
      database.warmed === 0 ? '–' : `${database.warmed} / ${seconds(database.warmAfterMs)}`,
      seconds(rest.exactAfterMs),
      Object.entries(figures)
        .map(([name, value]) => `${name}: ${value}`)
        .join(', '),
    ],
  )
  return markdownTable(
    [
      'fault',
      'messages',
      'send p50 / p99',
      'refused',
      'no answer',
      'apps gave up',
      'gap p50 / p99',
      'database transactions/s before / peak / recovery',
      'warmed / all warm after',
      'all agree at rest after',
      '',
    ],
    rows,
  )
}

function naiveSection(naive: readonly NaiveResult[]): string[] {
  if (naive.length === 0) return []
  const rows = naive.map(({ fault, stored, people, wrongTotals, wrongRooms }) => [
    fault,
    stored,
    `${wrongTotals} of ${people}`,
    wrongRooms,
  ])
  return [
    `## The usual way, under the same chaos

\`bench/baselines/naive-redis.ts\`: 4 processes that insert the message, then \`HINCRBY\` the room, \`HGETALL\`, and \`HSET\` the total as
three calls. Same balancer, same bare clients, same rate; looked at once everything was still.

${markdownTable(['fault', 'messages', 'people with a wrong total in Redis', 'wrong numbers of rooms'], rows)}
`,
  ]
}

function driftSection(drift: readonly DriftResult[]): string[] {
  if (drift.length === 0) return []
  const rows = drift.map(({ contestant, rounds, wrong }) => [contestant, `${wrong} of ${rounds}`])
  return [
    `## 64 at once at one person

From 4 processes behind the balancer, again and again; the person's total once all were acknowledged:

${markdownTable(['', 'wrong totals'], rows)}
`,
  ]
}

function seconds(ms: number | null | undefined): string {
  if (ms === undefined || ms === null || Number.isNaN(ms)) return '–'
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}
