/** A message is acknowledged when it is stored, and in badges a moment later: an answer has to tell of it from then on. */
const TOLD_WITHIN_MS = 50

/** What somebody who asks has to be told at least. */
export class DueNews {
  #due: number
  /** When messages were accepted of which nobody had to be told yet, in order. */
  #acceptedAtMs: number[] = []

  /** @param unread what was there before. */
  constructor(unread: number) {
    this.#due = unread
  }

  accepted(atMs: number): void {
    this.#acceptedAtMs.push(atMs)
  }

  /** How many unread messages an answer to who asks now has to count; never less than before. */
  at(nowMs: number): number {
    const isNew = (atMs: number): boolean => atMs > nowMs - TOLD_WITHIN_MS
    this.#due += this.#acceptedAtMs.filter((atMs) => !isNew(atMs)).length
    this.#acceptedAtMs = this.#acceptedAtMs.filter(isNew)
    return this.#due
  }
}
