import { setTimeout as delay } from 'node:timers/promises'
import type { Statements, Storages } from '../servers/storage.ts'
import { median } from './percentiles.ts'

/** One statement, as it was put, and how often it ran in a turn: the median of the turns. */
export type StatementFigures = {
  text: string
  withLoad: number
  /** In as long a time without the load. */
  withoutLoad: number
  /** Whether it ran more often with the load in every turn, by more than chance: what a server asks by itself does not. */
  isOfLoad: boolean
}

/** What the databases were asked in a turn: the median of the turns, and less what they are asked anyway. */
export type CallFigures = {
  turns: number
  /** Those that ran at all, the most frequent first. */
  statements: readonly StatementFigures[]
  /** Of the load, what only begins and ends a transaction left out. */
  queries: number
  redisCommands: number
}

type Asked = { statements: Statements; redisCommands: number }

/**
 * What was asked while a load ran, and what in a time without it, as if that had been as long.
 * @param atRest how often each statement ran in that time, however long it was.
 */
export type Turn = { withLoad: Asked; withoutLoad: Asked; atRest: Statements }

type Reading = { atMs: number; statements: Statements; redisCommands: number }

/**
 * How long nothing is asked before a turn of the load: longer than from one of the reconciler's runs to the next (5 s), so
 * that whatever a server does by itself every few seconds is seen without the load, too.
 */
export const REST_MS = 6_000
/** A timer falls once more into one stretch of time than into another, and again at its other end. */
const BY_CHANCE = 2
/** A run of its own may be many statements at once, and of two such stretches one holds two runs of it, the other one. */
const RUNS_BY_CHANCE = 2
/** Begins and ends what others ask. */
const TRANSACTION = /^(begin|commit|rollback|start transaction)\b/i

/**
 * Counts what a load asks of the databases, turn by turn: once it is prepared, first without it for `restMs`, then with it.
 * @returns what each turn of the load returned, and what they asked.
 */
export async function countCalls<T>(
  storages: Storages,
  { turns, restMs, prepare }: { turns: number; restMs: number; prepare?: () => Promise<void> },
  load: () => Promise<T>,
): Promise<{ loads: T[]; calls: CallFigures }> {
  const loads: T[] = []
  const counted: Turn[] = []
  await storages.countStatements(true)
  try {
    for (let turn = 0; turn < turns; turn += 1) {
      await prepare?.()
      const first = await read(storages)
      await delay(restMs)
      const before = await read(storages)
      loads.push(await load())
      const after = await read(storages)
      const stretch = (after.atMs - before.atMs) / (before.atMs - first.atMs)
      counted.push({
        withLoad: between(before, after),
        withoutLoad: between(first, before, stretch),
        atRest: between(first, before).statements,
      })
    }
  } finally {
    await storages.countStatements(false)
  }
  return { loads, calls: callFigures(counted) }
}

/** @param turns one at least. */
export function callFigures(turns: readonly Turn[]): CallFigures {
  const texts = new Set(
    turns.flatMap((turn) => [...turn.withLoad.statements.keys(), ...turn.withoutLoad.statements.keys()]),
  )
  const statements = [...texts].map((text): StatementFigures => {
    const times = turns.map(({ withLoad, withoutLoad }) => ({
      withLoad: withLoad.statements.get(text) ?? 0,
      withoutLoad: withoutLoad.statements.get(text) ?? 0,
    }))
    const byItself = Math.max(...turns.map(({ atRest }) => atRest.get(text) ?? 0))
    return {
      text,
      withLoad: median(times.map((turn) => turn.withLoad)),
      withoutLoad: median(times.map((turn) => turn.withoutLoad)),
      isOfLoad: times.every(
        (turn) => turn.withLoad > RUNS_BY_CHANCE * Math.max(byItself, turn.withoutLoad) + BY_CHANCE,
      ),
    }
  })
  const queries = statements.filter(({ text, isOfLoad }) => isOfLoad && !TRANSACTION.test(text))
  return {
    turns: turns.length,
    statements: statements.toSorted((one, other) => other.withLoad - one.withLoad),
    queries: queries.reduce((sum, { withLoad, withoutLoad }) => sum + withLoad - withoutLoad, 0),
    redisCommands: median(
      turns.map(({ withLoad, withoutLoad }) => withLoad.redisCommands - withoutLoad.redisCommands),
    ),
  }
}

async function read(storages: Storages): Promise<Reading> {
  const [statements, { redisCommands }] = [await storages.statements(), await storages.calls()]
  return { statements, redisCommands, atMs: performance.now() }
}

function between(from: Reading, to: Reading, stretch = 1): Asked {
  const more = [...to.statements].map(
    ([text, calls]) => [text, (calls - (from.statements.get(text) ?? 0)) * stretch] as const,
  )
  return {
    statements: new Map(more.filter(([, calls]) => calls > 0)),
    redisCommands: (to.redisCommands - from.redisCommands) * stretch,
  }
}
