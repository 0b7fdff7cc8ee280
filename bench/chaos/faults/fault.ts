import type { SharedKind } from '../world/shared.ts'
import type { World } from '../world/world.ts'

/** What must hold; times in ms. What is absent is measured and not judged. */
type Bars = {
  /** From the end of the fault until no badge is late any more (later than `LATE_MS`), while the load goes on. */
  untilExactMs: number
  /** Between a commit and its badge at a receiver whose connection held all the time. */
  gapMs?: number
  /** The server must refuse no message. */
  refusesNothing?: true
  /** No installed app may give up. */
  darkensNobody?: true
}

/** A badge that comes later than this after its commit is late. */
export const LATE_MS = 1_000

/** Figures and broken promises that only this fault has. */
export type Findings = { figures?: Record<string, string | number>; broken?: string[] }

/** One thing that goes wrong, and what is promised for it. */
export type Fault = {
  name: string
  /** The promise in words, for the report. */
  promise: string
  /** Where it can happen. */
  kind: SharedKind
  bars: Bars
  /** Part of the short run. */
  isShort?: true
  /** Part of the run with many people. */
  isFull?: true
  /** Devices that sleep through it: what they do not see is no fault. */
  excludesSleepers?: true
  /** Nobody writes or reads but the fault itself. */
  isQuiet?: true
  /** Before the load begins. */
  prepare?: (world: World) => Promise<void>
  /** Makes it happen, and resolves when it is over. `scale` shortens waits in the short run. */
  inject: (world: World, options: { scale: number }) => Promise<Findings | undefined>
}
