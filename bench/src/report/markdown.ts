import { SCENARIOS } from '../scenarios/all-scenarios.ts'
import { imageOf } from './image-name.ts'
import type { Machine } from './machine.ts'
import { markdownTable } from './markdown-table.ts'
import type { Bar, Plot, Written } from './result.ts'

/** What shows most at a glance, if it was measured. */
const FIRST_PLOTS = ['ceiling-rates', 'where']

/** The report in words and tables, for people. */
export function markdownOf(written: readonly Written[]): string {
  const order = SCENARIOS.map(({ name }) => name)
  const results = written.toSorted(
    (one, other) => order.indexOf(one.scenario) - order.indexOf(other.scenario),
  )
  return `# Benchmarks

Written by \`npm run bench -- all\`: every figure below was measured by the command beside it.

## In short

${inShort(results)}

## Whether the bars hold

A bar is what was promised before anything was built. Ratios compare contestants of one run on one machine.

${barTable(results)}

## How it is measured

- **Open loop.** Messages are sent at intended times, whatever the server does. Latency runs from the intended time, so waiting shows
  up as latency and the generator's own lateness is in it.
- **A badge counts when it is right.** A message's latency ends at the first frame whose count of the room includes it, at the
  default coalescing delay (40 ms, the first one at once).
- **Generators are processes of their own**, on the same cores as everything else. Their processor time and lateness stand beside
  the figures. A run that they limit is void, and says so; so is one in which \`single-cte\` holds less than 4,000 messages a second, or
  \`sequential\` or \`naive-redis\` less than 2,000: to be faster than a weak rival proves nothing.
- **Contestants take turns** on one machine in one call; shown are medians of the rounds, with the lowest and the highest.
- **Durable** means PostgreSQL with \`fsync\` and \`synchronous_commit\` on, acknowledged after the commit; a bench that finds one of them
  off does not begin.
- **Every run ends with the oracle**: all messages are counted anew in SQL and held against what every screen shows, what the server
  answers, and the registers in the database. A fast wrong badge is a failure.
- **The machine:** ${machinesOf(results)}.
${results.map(section).join('')}
## How to repeat it

\`npm run bench -- all\` measures everything and writes this page; \`--resume\` leaves out what was measured at this commit already. What is
needed is installed where that can be done without asking (PostgreSQL, Redis and ejabberd, on Debian and Ubuntu). A part alone, written
into this page, too:

${commandTable(results)}

\`--rounds 5\` for more rounds, \`--scale 3\` for longer ones, \`--only tally-redis,bare\` for some of the contestants, \`--profile <folder>\` for
profiles of the servers, \`--no-peers\` without ejabberd. The figures of all rounds, with versions and machine, are in [bench/](bench/).
`
}

function inShort(results: readonly Written[]): string {
  const bars = results.flatMap((result) => result.bars.filter((bar) => !isVoid(bar, result)))
  const held = bars.filter((bar) => bar.held).length
  const all = results.flatMap(({ plots }) => plots)
  const plots = FIRST_PLOTS.flatMap((name) => all.find((plot) => plot.name === name) ?? [])
  return [
    [...results.flatMap(({ highlights = [] }) => highlights), `**${held} of ${bars.length} bars are held.**`]
      .map((line) => `- ${line}`)
      .join('\n'),
    ...plots.map(pictureOf),
  ].join('\n\n')
}

function barTable(results: readonly Written[]): string {
  const rows = results.flatMap((result) =>
    result.bars.map((bar) => [
      `[\`${result.scenario}\`](#${anchorOf(result.title)})`,
      bar.promise,
      bar.measured,
      verdict(bar, result),
    ]),
  )
  return markdownTable(['', 'bar', 'measured', ''], rows)
}

function isVoid({ voidBecause }: Bar, result: Written): boolean {
  return voidBecause !== undefined || result.voidBecause.length > 0
}

function verdict(bar: Bar, result: Written): string {
  if (bar.voidBecause !== undefined) return `void: ${bar.voidBecause}`
  const words = bar.held ? 'held' : '**not held**'
  return isVoid(bar, result) ? `${words} (void, see there)` : words
}

function section(result: Written): string {
  const { title, what, scenario, tables, plots, notes, voidBecause, measuredAt, machine } = result
  const parts = [
    `## ${title}`,
    what,
    `\`npm run bench -- ${scenario} --report\` (${measuredAt.slice(0, 10)}, commit ${machine.commit}, [all figures](bench/${scenario}.json))`,
    ...voidBecause.map((why) => `**Void:** ${why}.`),
    ...plots.map(pictureOf),
    ...tables.map(({ caption, head, rows }) => `${caption}:\n\n${markdownTable(head, rows)}`),
    ...notes,
  ]
  return `\n${parts.join('\n\n')}\n`
}

function commandTable(results: readonly Written[]): string {
  const rows = results.map(({ scenario, tookSeconds }) => {
    const about = SCENARIOS.find(({ name }) => name === scenario)?.about ?? ''
    return [`\`npm run bench -- ${scenario} --report\``, `${tookSeconds} s`, about]
  })
  return markdownTable(['', 'took', ''], rows)
}

/** The machines of all parts: one, unless some were measured elsewhere. */
function machinesOf(results: readonly Written[]): string {
  return [...new Set(results.map(({ machine }) => machineOf(machine)))].join('; and ')
}

function machineOf({ cores, cpu, memoryGb, system, node, postgres, redis, ejabberd }: Machine): string {
  const programs = `Node ${node}, PostgreSQL ${postgres}, Redis ${redis}, ejabberd ${ejabberd}`
  return `${cores} cores (${cpu}), ${memoryGb} GB, ${system}, ${programs}`
}

function pictureOf(plot: Plot): string {
  return `![${plot.title}](images/${imageOf(plot)})`
}

/** As GitHub makes addresses of headings. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')
}
