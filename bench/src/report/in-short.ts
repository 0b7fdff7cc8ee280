import { SCENARIOS } from '../scenarios/all-scenarios.ts'
import { smoke } from '../scenarios/smoke.ts'
import { imageOf } from './image-name.ts'
import type { Kept } from './kept-results.ts'
import type { Bar, Plot, Written } from './result.ts'
import { verdictOf } from './verdict.ts'

/** What shows most at a glance, if it was measured. */
const FIRST_PLOTS = ['ceiling-rates', 'where']

/** What somebody should know who reads nothing else; nothing that is void. */
export function inShort({ results }: Kept): string {
  const proven = results.filter(({ voidBecause }) => voidBecause.length === 0)
  const all = proven.flatMap(({ plots }) => plots)
  const plots = FIRST_PLOTS.flatMap((name) => all.find((plot) => plot.name === name) ?? [])
  const lines = [
    ...proven.flatMap(({ highlights = [] }) => highlights),
    `**Fast: ${counted(results, ({ mustHold = false, isAim = false }) => !mustHold && !isAim)}**${aims(results)}`,
    `**Right: ${counted(results, ({ mustHold = false }) => mustHold)}**`,
    ...wrongs(results),
    ...missing(results),
  ]
  return [lines.map((line) => `- ${line}`).join('\n'), ...plots.map(pictureOf)].join('\n\n')
}

/** Also of a run that is void for its speed. */
function wrongs(results: readonly Written[]): string[] {
  return results.flatMap(({ scenario, bars }) =>
    bars
      .filter(({ mustHold = false, held }) => mustHold && !held)
      .map(({ promise, measured }) => `**Wrong in \`${scenario}\`:** “${promise}” is not held: ${measured}.`),
  )
}

function missing(results: readonly Written[]): string[] {
  const names = SCENARIOS.filter((scenario) => scenario !== smoke).map(({ name }) => name)
  const others = names.filter((name) => !results.some(({ scenario }) => scenario === name))
  if (others.length === 0) return []
  return [`Not measured, and not counted: ${others.map((name) => `\`${name}\``).join(', ')}.`]
}

/** What was wanted beyond the bars; nothing where nothing of it was measured. */
function aims(results: readonly Written[]): string {
  const verdicts = results.flatMap((result) => result.bars.map((bar) => verdictOf(bar, result)))
  const [reached = 0, missed = 0] = (['reached', 'not reached'] as const).map(
    (wanted) => verdicts.filter((verdict) => verdict === wanted).length,
  )
  return reached + missed === 0 ? '' : ` Aims beyond them: ${reached} of ${reached + missed} reached.`
}

function counted(results: readonly Written[], isCounted: (bar: Bar) => boolean): string {
  const verdicts = results.flatMap((result) =>
    result.bars.filter(isCounted).map((bar) => verdictOf(bar, result)),
  )
  const count = (wanted: string): number => verdicts.filter((verdict) => verdict === wanted).length
  const others = (['void', 'not measured'] as const).flatMap((verdict) =>
    count(verdict) === 0 ? [] : [`${count(verdict)} ${verdict}`],
  )
  const said = `${count('held')} of ${count('held') + count('not held')} bars are held`
  return `${[said, ...others].join(', ')}.`
}

export function pictureOf(plot: Plot): string {
  return `![${plot.title}](images/${imageOf(plot)})`
}
