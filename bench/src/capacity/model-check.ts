import { PEOPLE, PER_SEND, ROOM_SIZE } from '../scenarios/mix-run.ts'
import { type Cost, costAt, shareOf } from './cost.ts'
import type { Costs } from './costs.ts'
import { type Habits, workOf } from './demand.ts'
import { heldMix, type Measured } from './measured.ts'

/** What one message and all around it took in the mix, and what the model says it takes: ms of processor time. */
export type ModelCheck = { perSecond: number; model: Cost; measured: Cost }

/** What people did in the mix, in the words of the model. */
const MIX_HABITS: Habits = {
  roomSwitchesPerMessage: PER_SEND.switch,
  pagesPerMessage: PER_SEND.scroll,
  unreadChecksPerMessage: PER_SEND.check,
  marksPerMessage: PER_SEND.mark,
  reconnectsPerMessage: PER_SEND.reconnect,
}

/** Holds the model against every rate of the mix that was held: costs of each alone against all of them together. */
export function checkModel(costs: Costs, mix: Measured['mix']): ModelCheck[] {
  return heldMix(mix).map((step) => {
    const perSecond = step.rates.send ?? Number.NaN
    const load = {
      ...{ connections: PEOPLE, messagesPerSecond: perSecond, pollsPerSecond: 0, newsShare: 0 },
      deliveriesPerSecond: perSecond * (ROOM_SIZE - 1),
    }
    const work = workOf({ load, nodes: 1, costs, habits: MIX_HABITS })
    return {
      perSecond,
      model: costAt((place) => (work[place] * 1_000 + costs.node[place]) / perSecond),
      measured: costAt((place) => (shareOf(step, place) * 1_000) / perSecond),
    }
  })
}
