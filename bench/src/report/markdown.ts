import { SCENARIOS } from '../scenarios/all-scenarios.ts'
import { imageOf } from './image-name.ts'
import { markdownTable } from './markdown-table.ts'
import type { Bar, Written } from './result.ts'

/** The report in words and tables, for people. */
export function markdownOf(written: readonly Written[]): string {
  const order = SCENARIOS.map(({ name }) => name)
  const results = written.toSorted(
    (one, other) => order.indexOf(one.scenario) - order.indexOf(other.scenario),
  )
  return `# Benchmarks

Written by \`npm run bench -- all\`. Each part says when it was measured and can be measured anew with the command beside it;
the figures of all rounds are in [bench/](bench/).

## How it is measured

- **Open loop.** Messages are sent at intended times, whatever the server does. Latency runs from the intended time, so waiting shows
  up as latency and the generator's own lateness is in it.
- **A badge counts when it is right.** A message's latency ends at the first frame whose count of the room includes it, at the
  default coalescing delay (40 ms, the first one at once).
- **Generators are processes of their own**, on the same cores as everything else. Their processor time and lateness stand beside
  the figures; a run that they limit is void and says so.
- **Contestants take turns** on one machine in one call; shown are medians of the rounds, with the lowest and the highest.
- **Durable** means PostgreSQL with \`fsync\` and \`synchronous_commit\`, acknowledged after the commit.
- **Every run ends with the oracle**: all messages are counted anew in SQL and held against what every screen shows, what the server
  answers, and the registers in the database. A fast wrong badge is a failure.

## Whether the bars hold

${barTable(results)}
${results.map(section).join('')}`
}

function barTable(results: readonly Written[]): string {
  const rows = results.flatMap(({ scenario, bars, voidBecause }) =>
    bars.map((bar) => [`\`${scenario}\``, bar.promise, bar.measured, verdict(bar, voidBecause)]),
  )
  return markdownTable(['', 'bar', 'measured', ''], rows)
}

function verdict({ held, voidBecause: why }: Bar, voidBecause: readonly string[]): string {
  if (why !== undefined) return `void: ${why}`
  if (voidBecause.length > 0) return held ? 'held (void, see there)' : '**not held** (void, see there)'
  return held ? 'held' : '**not held**'
}

function section({ title, what, scenario, tables, plots, notes, voidBecause, ...origin }: Written): string {
  const { machine, measuredAt, tookSeconds } = origin
  const parts = [
    `## ${title}`,
    what,
    `\`npm run bench -- ${scenario}\`, ${measuredAt.slice(0, 10)}, ${tookSeconds} s; commit ${machine.commit}; ${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB, Node ${machine.node}, ${machine.postgres}, ${machine.redis}; figures: [bench/${scenario}.json](bench/${scenario}.json)`,
    ...voidBecause.map((why) => `**Void:** ${why}.`),
    ...plots.map((plot) => `![${plot.title}](images/${imageOf(plot)})`),
    ...tables.map(({ caption, head, rows }) => `${caption}:\n\n${markdownTable(head, rows)}`),
    ...notes,
  ]
  return `\n${parts.join('\n\n')}\n`
}
