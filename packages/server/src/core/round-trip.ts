/** Assumed until a round trip was measured, and the most that is believed: slower links confirm by reading again. */
const LONGEST_ROUND_TRIP_MS = 2_000

/** Emissions younger than a round trip that one room's log keeps. */
const MAX_EMISSIONS = 128

/** How long a frame takes to a device and back. Rises at once and falls slowly: too long is safe, too short is not. */
export class RoundTrip {
  #ms = LONGEST_ROUND_TRIP_MS
  #isMeasured = false

  get ms(): number {
    return this.#ms
  }

  measured(sampleMs: number): void {
    const believed = this.#isMeasured ? Math.max(sampleMs, (this.#ms + sampleMs) / 2) : sampleMs
    this.#ms = Math.min(Math.max(believed, 0), LONGEST_ROUND_TRIP_MS)
    this.#isMeasured = true
  }
}

/**
 * What was emitted to one device in one room, and when. A device that leaves a room or writes into it had on its screen
 * what was emitted at least one round trip earlier; anything younger may have crossed its event on the way, and nobody
 * saw it. (docs/BADGES.md, "Open is not read".)
 */
export class EmissionLog {
  #arrivedSeq: number | undefined
  readonly #underWay: { seq: number; atMs: number }[] = []

  /** Seqs rise; times do not fall. */
  emitted(seq: number, nowMs: number): void {
    this.#settle(nowMs - LONGEST_ROUND_TRIP_MS)
    this.#underWay.push({ seq, atMs: nowMs })
    // Without the oldest less is confirmed for a moment, never more.
    if (this.#underWay.length > MAX_EMISSIONS) this.#underWay.shift()
  }

  /** @returns the last seq that an event arriving now confirms; `undefined`: nothing. */
  confirmedSeq(input: { nowMs: number; roundTripMs: number }): number | undefined {
    this.#settle(input.nowMs - input.roundTripMs)
    return this.#arrivedSeq
  }

  #settle(untilMs: number): void {
    const young = this.#underWay.findIndex(({ atMs }) => atMs > untilMs)
    const arrived = this.#underWay.splice(0, young === -1 ? this.#underWay.length : young)
    this.#arrivedSeq = arrived.at(-1)?.seq ?? this.#arrivedSeq
  }
}
