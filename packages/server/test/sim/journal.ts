import type { Sometimes } from './sometimes.ts'

/** What happened in one run: lines to read, and how often each situation came about. */
export class Journal {
  readonly lines: string[] = []
  readonly counts = new Map<Sometimes, number>()
  /** Errors that are no fault of anything outside. */
  readonly bugs: Error[] = []
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  note(line: string): void {
    this.lines.push(`${(this.#nowMs() / 1_000).toFixed(3).padStart(8)} s  ${line}`)
  }

  happened(what: Sometimes): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
  }

  bug(error: unknown): void {
    this.bugs.push(error instanceof Error ? error : new Error(String(error)))
  }
}
