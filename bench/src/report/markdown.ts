import { SCENARIOS } from '../scenarios/all-scenarios.ts'
import { anchorOf } from './anchor.ts'
import { howItIsMeasured } from './how-it-is-measured.ts'
import { inShort, pictureOf } from './in-short.ts'
import type { Kept } from './kept-results.ts'
import { markdownTable } from './markdown-table.ts'
import type { Bar, Failure, Written } from './result.ts'
import { verdictOf } from './verdict.ts'
import { commandOf, whatWasMeasured } from './what-was-measured.ts'

/** The report in words and tables, for people. */
export function markdownOf({ results: unordered, failures }: Kept): string {
  const order = SCENARIOS.map(({ name }) => name)
  const results = unordered.toSorted(
    (one, other) => order.indexOf(one.scenario) - order.indexOf(other.scenario),
  )
  return `# Benchmarks

Written by \`npm run bench -- all\`: every figure below was measured by the command beside it.

## In short

${inShort({ results, failures })}

## What was measured

${commitsText(results)} \`npm run bench -- all\` measures everything and writes this page; \`--resume\` leaves out what was measured at this commit
already, \`npm run bench -- report\` measures nothing and writes the page from the figures that were kept. What is needed is installed where that
can be done without asking (PostgreSQL, Redis, ejabberd and Prosody, on Debian and Ubuntu).

${whatWasMeasured({ results, failures })}

\`--rounds 5\` for more rounds, \`--scale 3\` for longer ones, \`--only tally-redis,bare\` for some of the contestants, \`--profile <folder>\` for
profiles of the servers, \`--no-peers\` without ejabberd and Prosody. The figures of all rounds, with versions and machine, are in [bench/](bench/).

## Whether the bars hold

A bar is what was promised before anything was built; a tolerance that is the bench's own says so. An aim is what was wanted beyond
the bars, as far as it goes: it is reached or not, and not counted among them. Ratios compare contestants of one run on
one machine. What was measured in one round only is a single try: the next one may come out otherwise.

${barTable(results, failures)}

## How it is measured

${howItIsMeasured(results)}
${results.map((result) => section(result, failures)).join('')}`
}

/** Where figures of one page come from: of several commits they are not one state of the code. */
function commitsText(results: readonly Written[]): string {
  const ordered = results.toSorted((one, other) => one.measuredAt.localeCompare(other.measuredAt))
  const commits = [...new Set(ordered.map(({ machine }) => machine.commit))]
  const [first = '', ...others] = commits.map((commit) => `\`${commit}\``)
  if (commits.length === 0) return 'Nothing yet.'
  if (others.length === 0) return `All figures are of commit ${first}.`
  return `The figures are of ${commits.length} commits, oldest first: ${[first, ...others].join(', ')}. The table says which is of which.`
}

function barTable(results: readonly Written[], failures: readonly Failure[]): string {
  const measured = results.flatMap((result) =>
    result.bars.map((bar) => [
      `[\`${result.scenario}\`](#${anchorOf(result.title)})`,
      bar.promise,
      verdictOf(bar, result) === 'not measured' ? '–' : bar.measured,
      result.rounds === 1 ? 'one round' : `${result.rounds} rounds`,
      wordsOf(bar, result),
    ]),
  )
  const names = new Set(results.map(({ scenario }) => scenario))
  const failed = failures.filter(({ scenario }) => !names.has(scenario))
  return markdownTable(
    ['', 'bar', 'measured', 'in', ''],
    [...measured, ...failed.map(({ scenario }) => [`\`${scenario}\``, 'all of its', '–', '–', '**failed**'])],
  )
}

function wordsOf(bar: Bar, result: Written): string {
  const verdict = verdictOf(bar, result)
  if (verdict === 'void') return `void: ${bar.voidBecause ?? 'see there'}`
  return verdict === 'not held' || verdict === 'not reached' ? `**${verdict}**` : verdict
}

function section(result: Written, failures: readonly Failure[]): string {
  const { title, what, scenario, tables, plots, notes, voidBecause, measuredAt, machine } = result
  const failure = failures.find((failed) => failed.scenario === scenario)
  const parts = [
    `## ${title}`,
    what,
    `\`${commandOf({ name: scenario }, result)}\` (${measuredAt.slice(0, 10)}, commit ${machine.commit}, [all figures](bench/${scenario}.json))`,
    ...(failure === undefined ? [] : ['**The last try failed:** these figures are from before it.']),
    ...voidBecause.map((why) => `**Void:** ${why}.`),
    ...plots.map(pictureOf),
    ...tables.map(({ caption, head, rows }) => `${caption}:\n\n${markdownTable(head, rows)}`),
    ...notes,
  ]
  return `\n${parts.join('\n\n')}\n`
}
