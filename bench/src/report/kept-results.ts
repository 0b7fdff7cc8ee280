import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Failure, Written } from './result.ts'
import { hasWrong } from './verdict.ts'

/** Everything the report is made of: what was measured, and what could not be. */
export type Kept = { results: readonly Written[]; failures: readonly Failure[] }

const FAILED = '.failed.json'

/**
 * Keeps the figures of one scenario in place of those before, and forgets that it failed. What is void does not take the
 * place of what proves something: the minute of a soak in every whole run would take that of its half hour. One that found
 * something wrong does: wrong is wrong, whatever limited the run.
 * @returns whether it was kept.
 */
export function keepResult(written: Written, folder: string): boolean {
  const { scenario } = written
  const before = keptOf(scenario, folder)
  rmSync(failureOf(scenario, folder), { force: true })
  if (before !== undefined && provesSomething(before) && !provesSomething(written)) return false
  mkdirSync(join(folder, 'bench'), { recursive: true })
  writeFileSync(fileOf(scenario, folder), `${JSON.stringify(written, kept, 1)}\n`)
  return true
}

function provesSomething(written: Written): boolean {
  return written.voidBecause.length === 0 || hasWrong(written)
}

/** Keeps that a scenario could not be measured: what stands in the report is from before. */
export function keepFailure(failure: Failure, folder: string): void {
  mkdirSync(join(folder, 'bench'), { recursive: true })
  writeFileSync(failureOf(failure.scenario, folder), `${JSON.stringify(failure, null, 1)}\n`)
}

/** @returns one scenario as it stands in the report; undefined when it was never measured. */
export function keptOf(scenario: string, folder: string): Written | undefined {
  const file = fileOf(scenario, folder)
  return existsSync(file) ? read<Written>(file) : undefined
}

/** Whether the last try to measure it came to nothing. */
export function hasFailed(scenario: string, folder: string): boolean {
  return existsSync(failureOf(scenario, folder))
}

/** @returns everything there is, of other days too. */
export function readKept(folder: string): Kept {
  const path = join(folder, 'bench')
  const files = existsSync(path) ? readdirSync(path).filter((name) => name.endsWith('.json')) : []
  return {
    results: files.filter((name) => !name.endsWith(FAILED)).map((name) => read<Written>(join(path, name))),
    failures: files.filter((name) => name.endsWith(FAILED)).map((name) => read<Failure>(join(path, name))),
  }
}

const fileOf = (scenario: string, folder: string): string => join(folder, 'bench', `${scenario}.json`)
const failureOf = (scenario: string, folder: string): string => join(folder, 'bench', `${scenario}${FAILED}`)

function read<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T
}

/** Figures to a thousandth: more is noise, and most of a file. A tree of calls is in its picture. */
function kept(key: string, value: unknown): unknown {
  if (key === 'root') return undefined
  return typeof value === 'number' && Number.isFinite(value) ? Math.round(value * 1_000) / 1_000 : value
}
