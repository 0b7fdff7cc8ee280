import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Journal } from './crowd-job.ts'
import { clockMs } from './device.ts'

/** The server answered, and said no for now. */
export class Refused extends Error {
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

type Wanted = { roomId: string; text: string; wantedAtMs: number }
type Delivery = { roomId: string; text: string; clientId: string }

export type OutboxOptions = {
  deviceId: string
  journal: Journal
  random: () => number
  /** Whether there is anybody to send to. */
  isConnected: () => boolean
  /** Resolves when acknowledged. @throws Refused, or anything else when no answer came */
  deliver: (message: Delivery) => Promise<void>
}

const CONNECTION_POLL_MS = 50
const RETRY_MS = { least: 100, most: 1_000 }

/** Sends each message until it is acknowledged, with one `clientId`, and one after the other within a room. */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #lanes = new Map<string, Wanted[]>()
  waiting = 0
  #isStopped = false

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  add(wanted: Wanted): void {
    this.waiting += 1
    const lane = this.#lanes.get(wanted.roomId)
    if (lane !== undefined) {
      lane.push(wanted)
      return
    }
    const queue = [wanted]
    this.#lanes.set(wanted.roomId, queue)
    void this.#drain(wanted.roomId, queue)
  }

  stop(): void {
    this.#isStopped = true
  }

  async #drain(roomId: string, queue: Wanted[]): Promise<void> {
    const { journal, deviceId } = this.#options
    for (let next = queue[0]; next !== undefined && !this.#isStopped; next = queue[0]) {
      const send: Journal['sends'][number] = { ...next, deviceId }
      journal.sends.push(send)
      if (await this.#deliver(next)) send.ackedAtMs = clockMs()
      queue.shift()
      this.waiting -= 1
    }
    this.#lanes.delete(roomId)
  }

  async #deliver({ roomId, text }: Wanted): Promise<boolean> {
    const { journal, random, deliver, isConnected } = this.#options
    const clientId = randomUUID()
    while (!this.#isStopped) {
      while (!isConnected() && !this.#isStopped) await delay(CONNECTION_POLL_MS)
      try {
        await deliver({ roomId, text, clientId })
        return true
      } catch (error) {
        if (error instanceof Refused) journal.refusals.push({ code: error.code, atMs: clockMs() })
        else journal.unanswered.push(clockMs())
        await delay(RETRY_MS.least + random() * (RETRY_MS.most - RETRY_MS.least))
      }
    }
    return false
  }
}
