import { Chance } from '../scenarios/seeded.ts'
import type { Journal } from './journal.ts'
import type { FaultName } from './sometimes.ts'

/** How likely each fault is, each time it could happen. */
const PROBABILITIES: Record<FaultName, number> = {
  'link slow': 0.02,
  'ledger call lost': 0.01,
  'ledger answer lost': 0.01,
  'statement refused': 0.005,
  'answer of a commit lost': 0.01,
  'bus frames lost': 0.1,
  'bus frames doubled': 0.1,
  'bus frames late': 0.15,
  'node killed between commit and merge': 0.006,
  'node killed between merge and frames': 0.003,
  'node killed while warming': 0.02,
}

/** Which faults strike, each by a chance of its own: leaving one kind out changes nothing about the others. */
export class Faults {
  readonly #chances = new Map<FaultName, Chance>()
  readonly #journal: Journal
  readonly #without: ReadonlySet<string>
  /** At the end all goes well. */
  areOver = false

  constructor({ seed, journal, without }: { seed: number; journal: Journal; without: ReadonlySet<string> }) {
    this.#journal = journal
    this.#without = without
    for (const [index, name] of Object.keys(PROBABILITIES).entries()) {
      this.#chances.set(name as FaultName, new Chance(seed * 31 + index * 7_919))
    }
  }

  strikes(name: FaultName): boolean {
    if (this.areOver || this.#without.has(name)) return false
    const struck = this.#chances.get(name)!.is(PROBABILITIES[name])
    if (struck) {
      this.#journal.happened(name)
      this.#journal.note(`FAULT ${name}`)
    }
    return struck
  }
}
