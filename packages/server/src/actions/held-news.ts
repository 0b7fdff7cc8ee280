import type { RoomId, UserId } from '@tally/protocol'
import type { MessageTiming } from '../bus/frames.ts'
import type { ReadyOutcome } from '../core/ledger-step.ts'

/** What one step of the ledger has to tell a person's devices. */
export type News = {
  readonly outcome: ReadyOutcome
  /** Where the time of each room's newest message went. */
  readonly timings: ReadonlyMap<RoomId, MessageTiming>
  /** When the step was done, on the clock of `performance.now()`. */
  readonly atMs: number
  /** Caused by the person's own reading: never delayed by the coalescer. */
  readonly urgent: boolean
}

/** People one of whose rows is being looked up. What comes meanwhile waits behind it, in order, until all is `told`. */
export type HeldNews = Map<UserId, { readonly news: News[]; readonly told: Promise<void> }>
