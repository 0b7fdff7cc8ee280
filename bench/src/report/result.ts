import type { FlamePlot } from './flame-plot.ts'
import type { LinePlot } from './line-plot.ts'
import type { Machine } from './machine.ts'
import type { StackPlot } from './stack-plot.ts'

/** What a scenario found: its figures as data, and how they are shown. */
export type Result = {
  scenario: string
  title: string
  /** What was done, for somebody who does not know the bench. */
  what: string
  /** What somebody should know who reads nothing else: a sentence each. */
  highlights?: string[]
  bars: Bar[]
  tables: Table[]
  plots: Plot[]
  /** What was seen beside the figures: a sentence each. */
  notes: string[]
  /** Why the figures prove nothing; none when they do. */
  voidBecause: string[]
  /** Everything that was measured, round by round. */
  figures: unknown
}

/** A promise and what became of it. */
export type Bar = {
  promise: string
  measured: string
  held: boolean
  /** On the slowest machine, too: it is about right or wrong. */
  mustHold?: boolean
  /** Wanted beyond what is promised, as far as it goes: nothing fails for want of it. */
  isAim?: boolean
  /** Why this one alone proves nothing; absent when it does. */
  voidBecause?: string
}

type Cell = string | number
export type Table = { caption: string; head: string[]; rows: Cell[][] }

export type Plot = LinePlot | StackPlot | FlamePlot

/** A result and where it comes from: one file each, so that one scenario can be measured anew. */
export type Written = Result & {
  measuredAt: string
  tookSeconds: number
  machine: Machine
  /** How many times everybody had a turn. */
  rounds: number
  /** Of the command, as far as they changed what was measured. */
  flags: string
}

/** The last try to measure a scenario, if nothing came of it. */
export type Failure = { scenario: string; failedAt: string; commit: string; why: string }
