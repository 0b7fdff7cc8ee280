import type { UserId } from '@tally/protocol'
import type { LedgerOutcome, LedgerStep } from '../../src/core/ledger-step.ts'
import type { LedgerQuery, LedgerView } from '../../src/core/ledger-view.ts'
import { applyStep, createEntry, readEntry, type UserEntry } from '../../src/core/user-entry.ts'
import {
  beginWarm,
  finishWarm,
  type WarmAnswer,
  type WarmBeginning,
  type WarmSnapshot,
} from '../../src/core/warming.ts'

type Cold = { readonly userId: UserId; readonly state: 'cold' }

/** The bare rule: nothing happens to an entry that was not asked for, so another ledger can be held to it exactly. */
export class RuleLedger {
  readonly #entries = new Map<UserId, UserEntry>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  apply(steps: readonly LedgerStep[]): LedgerOutcome[] {
    return steps.map((step) => this.#on(step.userId, (entry) => applyStep(entry, step, this.#now())))
  }

  beginWarm(users: readonly WarmBeginning[]): WarmAnswer[] {
    return users.map((beginning) => {
      const { userId, warm } = beginning
      const entry = this.#entries.get(userId)
      if (entry !== undefined) return beginWarm(entry, beginning, this.#now())
      this.#entries.set(userId, createEntry({ userId, warm, nowMs: this.#now() }))
      return 'begun'
    })
  }

  finishWarm(users: readonly WarmSnapshot[]): LedgerOutcome[] {
    return users.map((snapshot) =>
      this.#on(snapshot.userId, (entry) => finishWarm(entry, snapshot, this.#now())),
    )
  }

  read(queries: readonly LedgerQuery[]): LedgerView[] {
    return queries.map((query) => this.#on(query.userId, (entry) => readEntry(entry, query, this.#now())))
  }

  drop(users: readonly UserId[]): void {
    for (const userId of users) this.#entries.delete(userId)
  }

  #on<A extends { readonly state: string }>(userId: UserId, step: (entry: UserEntry) => A): A | Cold {
    const entry = this.#entries.get(userId)
    if (entry === undefined) return { userId, state: 'cold' }
    const answer = step(entry)
    if (answer.state === 'cold') this.#entries.delete(userId)
    return answer
  }
}
