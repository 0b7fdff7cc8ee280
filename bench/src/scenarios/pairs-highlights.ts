import { BEFORE, bare, naiveRedis, sequential, singleCte, tallyRedis } from '../servers/contestants.ts'
import { middle, ms, p50, p99 } from './pairs-middle.ts'
import { perSecondText } from './pairs-parts.ts'
import type { StepFigures } from './pairs-run.ts'

/** How it is usually built. */
const SIMPLE_WAYS = [singleCte, sequential, naiveRedis].map(({ name }) => name)

/** What somebody should know who reads nothing else. @param steps those that prove something. */
export function highlightsOf(steps: readonly StepFigures[], rates: readonly number[]): string[] {
  const [first = 0] = rates
  return [...rates.flatMap((rate) => besideBare(steps, rate)), ...besideSimpleWays(steps, first)]
}

function besideBare(steps: readonly StepFigures[], rate: number): string[] {
  const at = (contestant: string, of: (step: StepFigures) => number): number =>
    middle(steps, { contestant, rate }, of)
  const [own, least] = [at(tallyRedis.name, p99), at(bare.name, p99)]
  if (Number.isNaN(own) || Number.isNaN(least)) return []
  return [
    `At ${rate.toLocaleString('en-US')} messages a second a badge of one node on PostgreSQL and Redis takes ${(own / least).toFixed(1)} × as long (p99) as with \`bare\`, which has no rules, no reads and no totals: it is right after ${ms(at(tallyRedis.name, p50))} (p50) and ${ms(own)} (p99).`,
  ]
}

/** Whichever is faster. What they lack stands in their own files, in `bench/baselines`. */
function besideSimpleWays(steps: readonly StepFigures[], rate: number): string[] {
  const at = (contestant: string): number => middle(steps, { contestant, rate }, p99)
  const own = at(tallyRedis.name)
  const others = SIMPLE_WAYS.map((name) => ({ name, took: at(name) })).filter(
    ({ took }) => !Number.isNaN(took),
  )
  if (Number.isNaN(own) || others.length === 0) return []
  const said = others.map(({ name, took }) => `${ms(took)} with \`${name}\``).join(', ')
  return [
    `At ${rate.toLocaleString('en-US')} messages a second ${verdictOf(own, others)}: 99 of 100 badges are there within ${said}, and ${ms(own)} with Tally. Those do less: Tally also checks who may write, keeps a message that is sent twice one message, finishes what a crash broke off, is exact on several nodes, and tells a device what it missed. Each of them does at most two of these five.`,
  ]
}

function verdictOf(own: number, others: readonly { took: number }[]): string {
  const faster = others.filter(({ took }) => took < own).length
  if (faster === others.length) return 'the simple ways are faster than Tally'
  return faster === 0
    ? 'Tally is faster than the simple ways'
    : `${faster} of ${others.length} simple ways are faster than Tally`
}

/** How a badge of another checkout compares with this one, from the same run. */
export function beforeAndAfter(steps: readonly StepFigures[], rates: readonly number[]): string[] {
  return rates.flatMap((rate) => {
    const at = (contestant: string, of: (step: StepFigures) => number): number =>
      middle(steps, { contestant, rate }, of)
    const [was, is] = [at(BEFORE, p99), at(tallyRedis.name, p99)]
    if (Number.isNaN(was) || Number.isNaN(is)) return []
    return [
      `Before and after at ${perSecondText(rate)}: p50 ${ms(at(BEFORE, p50))} and ${ms(at(tallyRedis.name, p50))}, p99 ${ms(was)} and ${ms(is)} (${(is / was).toFixed(2)} ×).`,
    ]
  })
}
