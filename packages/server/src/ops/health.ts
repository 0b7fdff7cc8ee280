import { type Health, PROTOCOL_VERSION, type Readiness } from '@tally/protocol'

export type NodeHealthOptions = {
  /** One cheap question to the database; it resolves when the database answers. */
  askDatabase: () => Promise<unknown>
  version: string
  now: () => number
}

/** How long an answer of the database is good: probes of several balancers cost one question. */
const ANSWER_TTL_MS = 1_000
const ANSWER_TIMEOUT_MS = 2_000

/** Whether this node should get traffic. It starts as `starting`; main says when it serves and when it drains. */
export class NodeHealth {
  readonly #options: NodeHealthOptions
  readonly #startedAtMs: number
  #phase: 'starting' | 'serving' | 'draining' = 'starting'
  #database: { askedAtMs: number; up: Promise<boolean> } | undefined

  constructor(options: NodeHealthOptions) {
    this.#options = options
    this.#startedAtMs = options.now()
  }

  serve(): void {
    this.#phase = 'serving'
  }

  drain(): void {
    this.#phase = 'draining'
  }

  async readiness(): Promise<Readiness> {
    const database = (await this.#databaseIsUp()) ? 'up' : 'down'
    if (this.#phase !== 'serving') return { status: this.#phase, database }
    return { status: database === 'up' ? 'ready' : 'unavailable', database }
  }

  async report(): Promise<Health> {
    return {
      ...(await this.readiness()),
      version: this.#options.version,
      protocolVersion: PROTOCOL_VERSION,
      uptimeSeconds: Math.round((this.#options.now() - this.#startedAtMs) / 1_000),
    }
  }

  #databaseIsUp(): Promise<boolean> {
    const nowMs = this.#options.now()
    if (this.#database === undefined || nowMs - this.#database.askedAtMs >= ANSWER_TTL_MS) {
      this.#database = { askedAtMs: nowMs, up: answersInTime(this.#options.askDatabase) }
    }
    return this.#database.up
  }
}

async function answersInTime(ask: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ANSWER_TIMEOUT_MS, false)
  })
  const answer = ask().then(
    () => true,
    () => false,
  )
  const up = await Promise.race([answer, tooLate])
  clearTimeout(timer)
  return up
}
