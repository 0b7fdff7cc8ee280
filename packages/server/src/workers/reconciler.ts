import { setTimeout as delay } from 'node:timers/promises'
import type { UserId } from '@tally/protocol'
import type { ActionContext } from '../actions/context.ts'
import { listPeopleToCheck } from '../actions/list-people-to-check.ts'
import { type Reconciliation, reconcile } from '../actions/reconcile.ts'

export type ReconcilerOptions = {
  /** Told what each run found. */
  onReconciled: (reconciliation: Reconciliation) => void
  /** Between 0 and 1: who of those who are connected is looked at. */
  random: () => number
  pauseMs?: number
}

/** People per run: some who are connected here, and the next of everybody there is. */
const SAMPLED = 20
const SWEPT = 5
/** Longer than it takes until what got lost is told again. */
const PAUSE_MS = 6_000

/**
 * Looks for badges that are wrong although nothing says so, and puts them right: a few people per run, whatever the
 * number of people.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions
  readonly #end = new AbortController()
  #sweptTo: UserId | null = null

  constructor(options: ReconcilerOptions) {
    this.#options = options
  }

  async run(ctx: ActionContext): Promise<void> {
    const { onReconciled, random, pauseMs = PAUSE_MS } = this.#options
    const { signal } = this.#end
    const swept = await listPeopleToCheck(ctx, { afterUserId: this.#sweptTo, limit: SWEPT })
    this.#sweptTo = swept.at(-1) ?? null
    const userIds = [...new Set([...swept, ...sample([...ctx.devices.users()], SAMPLED, random)])]
    const pause = () => delay(pauseMs, undefined, { signal })
    try {
      onReconciled(await reconcile(ctx, { userIds, pause }))
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  /** A run that is under way does not wait for its second look. */
  stop(): void {
    this.#end.abort()
  }
}

/** Some of them, each as likely as any other. */
function sample<T>(all: readonly T[], count: number, random: () => number): T[] {
  return Array.from({ length: count }, () => all[Math.floor(random() * all.length)]).filter(
    (one) => one !== undefined,
  )
}
