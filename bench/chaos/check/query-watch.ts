import type pg from 'pg'
import { clockMs } from '../crowd/device.ts'

const INTERVAL_MS = 500

/** Watches how busy the database is, from its own statistics. What it does not answer while it is away is left out. */
export class QueryWatch {
  readonly #samples: { atMs: number; count: number }[] = []
  readonly #timer: NodeJS.Timeout

  constructor(db: pg.Pool) {
    const sample = (): void => {
      db.query<{ count: number }>(
        'select (xact_commit + xact_rollback)::float8 as count from pg_stat_database where datname = current_database()',
      ).then(
        ({ rows }) => this.#samples.push({ atMs: clockMs(), count: rows[0]?.count ?? 0 }),
        () => {},
      )
    }
    this.#timer = setInterval(sample, INTERVAL_MS)
  }

  /** @returns transactions per second before the fault, and the most in any second from then on. */
  stop({ fromMs, faultMs, untilMs }: { fromMs: number; faultMs: number; untilMs: number }): {
    before: number
    peak: number
  } {
    clearInterval(this.#timer)
    const samples = this.#samples.toSorted((one, other) => one.atMs - other.atMs)
    const before = samples.filter(({ atMs }) => atMs >= fromMs && atMs < faultMs)
    const [first, last] = [before.at(0), before.at(-1)]
    const during = samples.filter(({ atMs }) => atMs >= faultMs && atMs < untilMs)
    let peak = 0
    for (const [index, sample] of during.entries()) {
      // Two steps apart: backends report what they did once a second at most.
      const earlier = during[index - 2]
      if (earlier !== undefined) peak = Math.max(peak, rate(earlier, sample))
    }
    return { before: first && last ? Math.round(rate(first, last)) : 0, peak: Math.round(peak) }
  }
}

function rate(from: { atMs: number; count: number }, to: { atMs: number; count: number }): number {
  const seconds = (to.atMs - from.atMs) / 1_000
  return seconds > 0 ? Math.max(0, to.count - from.count) / seconds : 0
}
