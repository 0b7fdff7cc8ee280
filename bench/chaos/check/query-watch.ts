import type pg from 'pg'
import { clockMs } from '../crowd/device.ts'

const INTERVAL_MS = 100
/** Backends report what they did once a second at most: whoever looks closer sees their reports, not their work. */
const REPORTED_WITHIN_MS = 1_000

type Sample = { atMs: number; transactions: number; warms: number }

/** What a fault cost the database. */
export type DatabaseFigures = {
  /** Transactions per second before the fault, and in the busiest second from its beginning on. */
  before: number
  peak: number
  /** In the busiest second from the end of the fault until everybody was warm. */
  recovery: number
  /** How many copies of badges were made anew from its beginning on; somebody's may be made more than once. */
  warmed: number
  /** From the end of the fault until the last of those was begun, in ms; 0 when there was none. */
  warmAfterMs: number
}

/**
 * Watches how busy the database is, from its own statistics, and the sequence that every warming takes a number from.
 * What it does not answer while it is away is left out.
 */
export class QueryWatch {
  readonly #samples: Sample[] = []
  readonly #timer: NodeJS.Timeout

  constructor(db: pg.Pool) {
    const sample = (): void => {
      db.query<Omit<Sample, 'atMs'>>(SAMPLE).then(
        ({ rows: [row] }) => {
          if (row !== undefined) this.#samples.push({ ...row, atMs: clockMs() })
        },
        () => {},
      )
    }
    this.#timer = setInterval(sample, INTERVAL_MS)
  }

  stop(moments: { fromMs: number; faultMs: number; faultEndMs: number; untilMs: number }): DatabaseFigures {
    clearInterval(this.#timer)
    return databaseFigures(this.#samples, moments)
  }
}

const SAMPLE = `
  select (s.xact_commit + s.xact_rollback)::float8 as transactions, w.last_value::float8 as warms
  from pg_stat_database s, ledger_warm w where s.datname = current_database()`

/** @param samples in any order. */
export function databaseFigures(
  samples: readonly Sample[],
  moments: { fromMs: number; faultMs: number; faultEndMs: number; untilMs: number },
): DatabaseFigures {
  const { fromMs, faultMs, faultEndMs, untilMs } = moments
  const sorted = samples
    .filter(({ atMs }) => atMs >= fromMs && atMs < untilMs)
    .toSorted((one, other) => one.atMs - other.atMs)
  const before = sorted.filter(({ atMs }) => atMs < faultMs)
  const warmedBefore = before.at(-1)?.warms ?? sorted[0]?.warms ?? 0
  const warmed = (sorted.at(-1)?.warms ?? warmedBefore) - warmedBefore
  const last = sorted.findLast(({ warms }, index) => warms > (sorted[index - 1]?.warms ?? warms))
  const warmAfterMs = warmed === 0 ? 0 : Math.max(0, Math.round((last?.atMs ?? faultEndMs) - faultEndMs))
  const warmMs = faultEndMs + warmAfterMs + REPORTED_WITHIN_MS
  return {
    before: averageOf(before),
    peak: busiestSecond(sorted.filter(({ atMs }) => atMs >= faultMs)),
    recovery: busiestSecond(sorted.filter(({ atMs }) => atMs >= faultEndMs && atMs < warmMs)),
    warmed,
    warmAfterMs,
  }
}

function averageOf(samples: readonly Sample[]): number {
  const [first, last] = [samples.at(0), samples.at(-1)]
  return first && last ? rate(first, last) : 0
}

function busiestSecond(samples: readonly Sample[]): number {
  let busiest = 0
  let first = 0
  for (const sample of samples) {
    // The nearest one that is a second older.
    while (sample.atMs - (samples[first + 1]?.atMs ?? sample.atMs) >= REPORTED_WITHIN_MS) first += 1
    const earlier = samples[first]
    if (earlier !== undefined && sample.atMs - earlier.atMs >= REPORTED_WITHIN_MS) {
      busiest = Math.max(busiest, rate(earlier, sample))
    }
  }
  return busiest
}

/** What the watch itself asks is no work of anybody's. */
function rate(from: Sample, to: Sample): number {
  const seconds = (to.atMs - from.atMs) / 1_000
  if (seconds <= 0) return 0
  return Math.max(0, Math.round((to.transactions - from.transactions) / seconds - 1_000 / INTERVAL_MS))
}
