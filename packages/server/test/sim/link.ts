import type { Chance } from '../scenarios/seeded.ts'
import type { Faults } from './faults.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What a node asked for that took effect elsewhere. */
export type Reached = 'commit' | 'apply' | 'beginWarm' | 'finishWarm' | 'read' | 'drop' | 'stats'

export type LinkOptions = {
  readonly time: VirtualTime
  readonly chance: Chance
  readonly faults: Faults
  readonly isDead: () => boolean
  /** Told when something took effect and the node has not heard of it yet. */
  readonly onReached: (what: Reached) => void
}

/** What connects a node with a server: it takes time, and of a node that was killed nothing more comes or goes. */
export class Link {
  readonly time: VirtualTime
  readonly chance: Chance
  readonly faults: Faults
  readonly #options: LinkOptions

  constructor(options: LinkOptions) {
    this.time = options.time
    this.chance = options.chance
    this.faults = options.faults
    this.#options = options
  }

  /** One way. */
  async travel(): Promise<void> {
    const slowMs = this.faults.strikes('link slow') ? this.chance.below(SLOW_MS) : 0
    await this.time.wait(1 + this.chance.below(USUAL_MS) + slowMs)
    if (this.#options.isDead()) await never()
  }

  reached(what: Reached): void {
    this.#options.onReached(what)
  }
}

const USUAL_MS = 6
const SLOW_MS = 800
/** Each its own: what waits for one that lasts would be kept with it. */
const never = (): Promise<never> => new Promise(() => {})
