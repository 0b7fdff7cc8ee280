import { isConnected, type Readable, type RoomState, type Tally } from '@tally/client'
import type { RoomId } from '@tally/protocol'
import { isBadgeRight } from './check-badge.ts'
import { LatencyJournal, type Measurement } from './latency-journal.ts'
import { type LatencyStats, latencyStats, NO_LATENCY } from './latency-stats.ts'
import type { Demo, Phone } from './start-demo.ts'
import { type TimingParts, timingParts } from './timing-parts.ts'

export type Reading = {
  latency: LatencyStats
  /** Where the time of the last measured message went. */
  parts: TimingParts | null
  /** Of the last burst, as long as it is the last thing that was measured: when the badge counted all of it. */
  burst: { messages: number; ms: number } | null
  /** Messages sent from either phone. */
  messages: number
  /** Badges compared with a recount, and those that were wrong. */
  checks: number
  wrong: number
  /** Something happened since the last comparison. */
  unchecked: boolean
}

const NOTHING: Reading = {
  latency: NO_LATENCY,
  parts: null,
  burst: null,
  messages: 0,
  checks: 0,
  wrong: 0,
  unchecked: false,
}

/** Quiet for so long counts as settled. */
const SETTLED_MS = 600
/** Measurements kept for the percentiles. */
const KEPT = 1_000

/** Measures every message between the two phones, and checks every badge once things are quiet. */
export class DemoMeter implements Readable<Reading> {
  readonly #demo: Demo
  readonly #journals: Map<Tally, LatencyJournal>
  readonly #listeners = new Set<() => void>()
  readonly #ends: (() => void)[] = []
  readonly #devices = new Set<Tally>()
  #reading = NOTHING
  #valuesMs: number[] = []
  /** What was sent of the burst that is being sent. */
  #burst: { tally: Tally; clientId: string; atMs: number; messages: number } | null = null
  #isBursting = false
  /** Counts everything that happens, to see whether anything did. */
  #events = 0
  /** Badges that differed when they were last compared. */
  #suspects = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(demo: Demo) {
    this.#demo = demo
    const { seeker, company } = demo
    // A journal belongs to the one who sends, and is fed by what the other one sees.
    this.#journals = new Map([seeker, company].map(({ tally }) => [tally, this.#journal()]))
  }

  readonly get = (): Reading => this.#reading

  readonly subscribe = (onChange: () => void): (() => void) => {
    this.#listeners.add(onChange)
    return () => this.#listeners.delete(onChange)
  }

  start(): void {
    const { seeker, company, roomId, onSend } = this.#demo
    onSend.current = ({ tally, message, atMs }) => {
      this.#change({ messages: this.#reading.messages + 1 })
      this.#stir()
      const other = tally === seeker.tally ? company : seeker
      // A phone without a connection waits for its return: that says nothing about the way of a badge.
      if (!isLive(other.tally) || !isLive(tally)) return
      const { clientId } = message
      if (!this.#isBursting) this.#journals.get(tally)?.sent({ clientId, atMs })
      else {
        const { atMs: sinceMs, messages } = this.#burst ?? { atMs, messages: 0 }
        this.#burst = { tally, clientId, atMs: sinceMs, messages: messages + 1 }
      }
    }
    this.#ends.push(() => {
      onSend.current = null
    })
    this.#watch(seeker, company.tally, roomId)
    this.#watch(company, seeker.tally, roomId)
    for (const { tally } of [seeker, company]) this.#ends.push(this.addDevice(tally))
  }

  stop(): void {
    clearTimeout(this.#timer)
    for (const end of this.#ends.splice(0)) end()
  }

  /** From now on this device's badge is checked too. @returns the function that ends it. */
  addDevice(tally: Tally): () => void {
    this.#devices.add(tally)
    const stir = () => this.#stir()
    const ends = [tally.badge.subscribe(stir), tally.connection.subscribe(stir)]
    this.#stir()
    return () => {
      for (const end of ends) end()
      this.#devices.delete(tally)
    }
  }

  /** The row of the common room is in the page of `phone` as it says. */
  shown(phone: Phone, row: RoomState): void {
    const other = phone === this.#demo.seeker ? this.#demo.company : this.#demo.seeker
    const journal = this.#journals.get(other.tally)
    if (row.me.unread > 0) journal?.shown({ seq: row.seq, atMs: performance.now() })
    // Read as it came: there never was a badge for what was sent until now.
    else journal?.forget()
  }

  /** Messages sent during `send` wait for each other: measured is until the badge counts the last of them. */
  burst(send: () => void): void {
    this.#isBursting = true
    try {
      send()
    } finally {
      // Too many may wait already for all of them to be taken.
      this.#isBursting = false
      if (this.#burst !== null) this.#journals.get(this.#burst.tally)?.sent(this.#burst)
      this.#burst = null
    }
  }

  reset(): void {
    this.#valuesMs = []
    for (const journal of this.#journals.values()) journal.forget()
    this.#change(NOTHING)
  }

  #watch(sender: Phone, receiver: Tally, roomId: RoomId): void {
    const journal = this.#journals.get(sender.tally)
    const { messages } = sender.tally.room(roomId)
    this.#ends.push(
      messages.subscribe(() => {
        for (const item of messages.get().items) {
          if (item.state === 'sent' && item.clientId !== undefined) {
            journal?.stored({ clientId: item.clientId, seq: item.seq })
          }
        }
      }),
      receiver.onBadgeTrace((trace) => {
        if (trace.roomId !== roomId || trace.seq === undefined || trace.timing === undefined) return
        journal?.traced({ seq: trace.seq, timing: trace.timing, receivedAtMs: trace.receivedAtMs })
      }),
    )
  }

  #journal(): LatencyJournal {
    return new LatencyJournal((measurement) => this.#measured(measurement))
  }

  #measured(measurement: Measurement): void {
    const { messages, totalMs } = measurement
    if (messages > 1) {
      this.#change({ burst: { messages, ms: totalMs }, parts: null })
      return
    }
    this.#valuesMs = [...this.#valuesMs, totalMs].slice(-KEPT)
    this.#change({ latency: latencyStats(this.#valuesMs), parts: timingParts(measurement), burst: null })
  }

  /** Something happened: the badges are compared when it has been quiet for a while. */
  #stir(): void {
    this.#events++
    if (!this.#reading.unchecked) this.#change({ unchecked: true })
    this.#checkSoon()
  }

  #checkSoon(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#check(), SETTLED_MS)
  }

  async #check(): Promise<void> {
    const events = this.#events
    const live = [...this.#devices].filter(isLive)
    const rights = await Promise.all(live.map((tally) => isBadgeRight(tally).catch(() => null)))
    // Something happened meanwhile: the answers and what is shown are of different moments.
    if (events !== this.#events) return
    const wrong = rights.filter((right) => right === false).length
    // A frame may be on its way: only what differs twice in a row, with nothing in between, is wrong.
    if (wrong > this.#suspects || rights.includes(null)) {
      this.#suspects = wrong
      return this.#checkSoon()
    }
    this.#suspects = 0
    this.#change({
      checks: this.#reading.checks + rights.length,
      wrong: this.#reading.wrong + wrong,
      unchecked: live.length < this.#devices.size,
    })
  }

  #change(part: Partial<Reading>): void {
    this.#reading = { ...this.#reading, ...part }
    for (const listener of this.#listeners) listener()
  }
}

function isLive(tally: Tally): boolean {
  return isConnected(tally.connection.get())
}
