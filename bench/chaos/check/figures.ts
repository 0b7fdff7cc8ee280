import { type Latencies, latencies } from '../../src/measure/percentiles.ts'
import type { Journal } from '../crowd/crowd-job.ts'
import { LATE_MS } from '../faults/fault.ts'
import { type Gap, gapMs } from './badge-gaps.ts'

/** From the moment a message was to be sent to its acknowledgement, retries included. */
export function sendLatencies(sends: Journal['sends']): Latencies {
  return latencies(
    sends.flatMap(({ wantedAtMs, ackedAtMs }) => (ackedAtMs === undefined ? [] : [ackedAtMs - wantedAtMs])),
  )
}

/** Until the last late badge after the fault had arrived, in ms; 0 when none was late. */
export function untilExactMs(gaps: readonly Gap[], faultEndMs: number): number {
  let last = faultEndMs
  for (const gap of gaps) if (gapMs(gap) > LATE_MS) last = Math.max(last, gap.seenAtMs)
  return Math.round(last - faultEndMs)
}

/** One step of the timeline. */
export type Step = {
  /** From the beginning of the phase, in ms. */
  atMs: number
  /** Of messages committed in this step; absent where there were none. */
  gapP50Ms?: number
  gapMaxMs?: number
  acknowledged: number
  refused: number
  unanswered: number
}

const STEP_MS = 250

export function timeline(options: {
  startMs: number
  endMs: number
  gaps: readonly Gap[]
  journal: Journal
}): Step[] {
  const { startMs, endMs, gaps, journal } = options
  const count = Math.max(1, Math.ceil((endMs - startMs) / STEP_MS))
  const stepOf = (atMs: number): number =>
    Math.min(count - 1, Math.max(0, Math.floor((atMs - startMs) / STEP_MS)))
  const tally = (moments: readonly number[]): number[] => {
    const counts = Array.from({ length: count }, () => 0)
    for (const atMs of moments) counts[stepOf(atMs)] = (counts[stepOf(atMs)] ?? 0) + 1
    return counts
  }
  const acknowledged = tally(journal.sends.flatMap(({ ackedAtMs }) => ackedAtMs ?? []))
  const refused = tally(journal.refusals.map(({ atMs }) => atMs))
  const unanswered = tally(journal.unanswered)
  const byStep = Map.groupBy(gaps, ({ committedAtMs }) => stepOf(committedAtMs))
  return Array.from({ length: count }, (_, index) => {
    const own = byStep.get(index)
    const { p50, max } = latencies(own?.map(gapMs) ?? [])
    return {
      atMs: index * STEP_MS,
      ...(own === undefined ? {} : { gapP50Ms: round(p50), gapMaxMs: round(max) }),
      acknowledged: acknowledged[index] ?? 0,
      refused: refused[index] ?? 0,
      unanswered: unanswered[index] ?? 0,
    }
  })
}

const round = (ms: number): number => Math.round(ms * 10) / 10
