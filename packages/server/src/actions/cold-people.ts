import type { UserId } from '@tally/protocol'
import type { Bus } from '../bus/bus.ts'
import type { LocalDevices } from '../bus/local-devices.ts'
import type { LedgerStep } from '../core/ledger-step.ts'
import type { LedgerWarmer } from './ledger-warmer.ts'
import type { Presence } from './presence.ts'

export type ColdPeopleOptions = {
  bus: Bus
  devices: Pick<LocalDevices, 'has'>
  /** Most keys that are gone are those of people who are known to be away. */
  presence: Pick<Presence, 'mayBeElsewhere'>
  warmer: Pick<LedgerWarmer, 'again'>
  /** Monotonic milliseconds. */
  nowMs: () => number
}

/** How long the node that holds somebody has to warm their key before it is told again. */
const TELL_AGAIN_AFTER_MS = 5_000

/**
 * People whose key a step found gone. Only a node to which they are connected wants it back, and any node may find it
 * gone: so every node is told, and those that hold one of them warm it, with the rooms whose rows their devices lack.
 */
export class ColdPeople {
  readonly #options: ColdPeopleOptions
  /** Whom the others were told of, and when; the longest ago first. */
  readonly #toldAtMs = new Map<UserId, number>()

  constructor(options: ColdPeopleOptions) {
    this.#options = options
    const { bus, devices, warmer } = options
    bus.onFrames((frames) => {
      for (const frame of frames) {
        if (frame.kind !== 'cold' || frame.nodeId === bus.nodeId) continue
        const here = frame.steps.filter(({ userId }) => devices.has(userId))
        if (here.length > 0) warmer.again(here)
      }
    })
  }

  /** @param steps that found no key. Of those who are here nobody else has to be told. */
  found(steps: readonly LedgerStep[]): void {
    const { bus, devices, presence, nowMs } = this.#options
    const elsewhere = steps.filter(({ userId }) => !devices.has(userId) && presence.mayBeElsewhere(userId))
    if (elsewhere.length === 0) return
    const atMs = nowMs()
    this.#forgetUntil(atMs - TELL_AGAIN_AFTER_MS)
    const news = elsewhere.filter(({ userId }) => !this.#toldAtMs.has(userId))
    if (news.length === 0) return
    for (const { userId } of news) this.#toldAtMs.set(userId, atMs)
    const cold = news.map(({ userId, rooms = [] }) => ({ userId, rooms }))
    bus.send('all', [{ kind: 'cold', nodeId: bus.nodeId, steps: cold }])
  }

  #forgetUntil(ms: number): void {
    for (const [userId, toldAtMs] of this.#toldAtMs) {
      if (toldAtMs > ms) return
      this.#toldAtMs.delete(userId)
    }
  }
}
