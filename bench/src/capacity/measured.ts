import type { GroupsFigures } from '../scenarios/groups.ts'
import type { HistoryFigures } from '../scenarios/history.ts'
import type { IdleFigures } from '../scenarios/idle.ts'
import type { MixMeasured } from '../scenarios/mix.ts'
import { heldBefore, type MixFigures } from '../scenarios/mix-run.ts'
import type { PollFigures } from '../scenarios/poll.ts'
import type { Shares } from './cost.ts'

/** What one, two and more nodes did with the same load, every badge crossing from one to another where there are more. */
type NodesFigures = {
  loaded: readonly { nodes: number; step: Shares & { acknowledgedPerSecond: number } }[]
}

/** What was measured before, by scenario. */
export type Measured = {
  idle: IdleFigures
  groups: GroupsFigures
  poll: Pick<PollFigures, 'steps' | 'rest'>
  mix: MixMeasured & { redisBytesPerPerson: number }
  history: HistoryFigures
  nodes: NodesFigures
}

const P99_MAX_MS = 100

type GroupsStep = GroupsFigures['climbed'][number]
type PollStep = PollFigures['steps'][number]

/** Of rooms of all sizes; a step that was too much says nothing about what one costs. */
export function heldGroups({ climbed, curve }: GroupsFigures): GroupsStep[] {
  return [...climbed, ...curve].filter(
    ({ p99, refused, unseen }) => p99 <= P99_MAX_MS && refused + unseen === 0,
  )
}

/** With nothing new, or with news for some. */
export function heldPolls({ steps }: Measured['poll'], hasNews: boolean): PollStep[] {
  return steps.filter(
    ({ changed, p99, failed }) => changed > 0 === hasNews && p99 <= P99_MAX_MS && failed === 0,
  )
}

export function heldMix({ steps }: MixMeasured): MixFigures[] {
  return heldBefore(steps)
}
