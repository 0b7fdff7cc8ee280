import type { Result } from '../report/result.ts'
import type { Contestant } from '../servers/contestants.ts'
import type { Storages } from '../servers/storage.ts'

/** How a scenario is to be run. */
export type RunOptions = {
  /** Everything small: whether it works, not how fast it is. */
  isShort: boolean
  rounds: number
  /** Only contestants that are named here; all when absent. */
  only: readonly string[] | undefined
  /** Where servers leave a profile of their processor time. */
  profileFolder: string | undefined
  /** Every duration, so many times as long. */
  scale: number
  /** Other people's products beside ours. */
  withPeers: boolean
  /** The sizes that take long to fill, too. */
  isLarge: boolean
  /** Another checkout of this repository, whose Tally `pairs` has beside this one; none when absent. */
  against: string | undefined
}

export type Surroundings = {
  storages: Storages
  options: RunOptions
  /** What another scenario measured, in this call or as it stands in the report; undefined when it never was. */
  figuresOf: (scenario: string) => unknown
}

/** One way to measure, and the bars it is held against. */
export type Scenario = {
  name: string
  /** One line for the list of scenarios. */
  about: string
  /** How long it takes on two cores, about: something, and something each round. */
  expectedSeconds: { once: number; perRound: number }
  run: (surroundings: Surroundings) => Promise<Result>
}

/**
 * Those of the candidates that were asked for. A short run for which none is named has two: the first, and the next one
 * that is no Tally.
 */
export function chosen(
  candidates: readonly Contestant[],
  { only, isShort, withPeers }: RunOptions,
): Contestant[] {
  const asked = candidates.filter(
    ({ name, program }) =>
      (only === undefined || only.includes(name)) && (withPeers || program === undefined),
  )
  if (!isShort || only !== undefined) return asked
  const other = asked.find(({ isTally }, index) => index > 0 && !isTally)
  return [...asked.slice(0, 1), ...(other === undefined ? [] : [other])]
}

/** Each round begins with another one: who goes first finds the machine otherwise than who goes last. */
export function rotated<T>(contestants: readonly T[], round: number): T[] {
  const first = (round - 1) % Math.max(1, contestants.length)
  return [...contestants.slice(first), ...contestants.slice(0, first)]
}

/** How many times everybody has a turn: scenarios that take longer with more rounds have them. */
export function roundsOf({ expectedSeconds }: Scenario, { rounds, isShort }: RunOptions): number {
  return expectedSeconds.perRound > 0 && !isShort ? rounds : 1
}

/** The options that change what one scenario measures, as the command has them; whether peers are there its rows show. */
export function flagsOf(scenario: Scenario, options: RunOptions): string {
  const { isShort, rounds, only, profileFolder, scale, isLarge } = options
  return [
    ...(isShort ? ['--short'] : []),
    ...(rounds !== DEFAULTS.rounds && scenario.expectedSeconds.perRound > 0 ? [`--rounds ${rounds}`] : []),
    ...(scale === DEFAULTS.scale ? [] : [`--scale ${scale}`]),
    ...(only === undefined ? [] : [`--only ${only.join(',')}`]),
    ...(isLarge ? ['--large'] : []),
    ...(profileFolder === undefined ? [] : ['--profile <folder>']),
  ].join(' ')
}

/** As it is measured unless something else is asked for. */
export const DEFAULTS = { rounds: 3, scale: 1 }
