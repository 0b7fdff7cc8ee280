import type { Journal } from './crowd-job.ts'

/** One stay of one socket in a room: every message that comes must be the next one. */
export class Visit {
  readonly roomId: string
  readonly #deviceId: string
  readonly #journal: Journal
  #last: number | undefined
  #first: number | undefined

  constructor(options: { roomId: string; deviceId: string; journal: Journal }) {
    this.roomId = options.roomId
    this.#deviceId = options.deviceId
    this.#journal = options.journal
  }

  heard({ roomId, seq }: { roomId: string; seq: number }): void {
    if (roomId !== this.roomId) return
    if (this.#last !== undefined && seq !== this.#last + 1) {
      const what = seq <= this.#last ? 'came again or out of order' : 'came before those between'
      this.#journal.violations.push(
        `${this.#deviceId} in ${this.roomId}: message ${seq} ${what}, after ${this.#last}`,
      )
    }
    this.#first ??= seq
    this.#last = Math.max(this.#last ?? 0, seq)
  }

  /** The head of the room at the moment of joining: what was before it is loaded, what is after it has to come. */
  joinedAt(head: number): void {
    if (this.#first !== undefined && this.#first > head + 1) {
      this.#journal.violations.push(
        `${this.#deviceId} in ${this.roomId}: joined at ${head}, and the first message to come was ${this.#first}`,
      )
    }
    this.#last = Math.max(this.#last ?? 0, head)
  }

  fault(head: number): string | undefined {
    if (this.#last === undefined || this.#last === head) return undefined
    return `${this.#deviceId} in ${this.roomId}: shows messages up to ${this.#last} of ${head}`
  }
}
