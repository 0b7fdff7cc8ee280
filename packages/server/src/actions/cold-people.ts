import type { UserId } from '@tally/protocol'
import type { Bus } from '../bus/bus.ts'
import type { LocalDevices } from '../bus/local-devices.ts'
import type { LedgerStep } from '../core/ledger-step.ts'
import type { Presence } from './presence.ts'

export type ColdPeopleOptions = {
  bus: Bus
  devices: Pick<LocalDevices, 'has'>
  /** Most keys that are gone are those of people who are known to be away. */
  presence: Pick<Presence, 'mayBeElsewhere'>
  /** Asserts the leases of people who are here, and warms those that are cold. */
  touch: (people: readonly LedgerStep[]) => void
  /** Monotonic milliseconds. */
  nowMs: () => number
}

/** How long the node that holds somebody has to warm their key before it is told again. */
const TELL_AGAIN_AFTER_MS = 1_000

/**
 * People whose key a step found gone. Only a node to which they are connected wants it back, and any node may find it
 * gone: so every node is told, and those that hold one of them warm it, with the rooms whose rows their devices lack. Of
 * several that do each has to say what it holds: the new key knows of no device but those of the node that made it.
 */
export class ColdPeople {
  readonly #options: ColdPeopleOptions
  /** Whom the others were told of, and when; the longest ago first. */
  readonly #toldAtMs = new Map<UserId, number>()

  constructor(options: ColdPeopleOptions) {
    this.#options = options
    const { bus, devices, touch } = options
    bus.onFrames((frames) => {
      for (const frame of frames) {
        if (frame.kind !== 'cold' || frame.nodeId === bus.nodeId) continue
        const here = frame.steps.filter(({ userId }) => devices.has(userId))
        if (here.length > 0) touch(here)
      }
    })
  }

  /** @param steps that found no key. */
  found(steps: readonly LedgerStep[]): void {
    const { bus, presence, nowMs } = this.#options
    const elsewhere = steps.filter(({ userId }) => presence.mayBeElsewhere(userId))
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
