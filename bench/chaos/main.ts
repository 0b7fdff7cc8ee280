import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startPostgresCluster } from '../../scripts/postgres-cluster.ts'
import { describeMachine } from '../src/report/machine.ts'
import { progress } from '../src/report/progress.ts'
import { ALL_FAULTS } from './faults/all-faults.ts'
import { runDrift } from './naive/run-drift.ts'
import { runNaive } from './naive/run-naive.ts'
import { type ChaosOptions, parseOptions, USAGE } from './options.ts'
import { writeReport } from './report/write-report.ts'
import { runFaults } from './run-faults.ts'

/** A run that hangs is broken, too. */
const DEADLINE_MS = 3 * 3_600_000
/** What does not stop in order by then ends with this process. */
const STOP_DEADLINE_MS = 15_000

/** Breaks everything that can break, one after the other, under load; ends with 1 when a promise was broken. */
async function main(options: ChaosOptions): Promise<number> {
  const faults = ALL_FAULTS.filter(
    ({ name, isShort, isFull }) =>
      (!options.isShort || isShort) &&
      (!options.isFull || isFull) &&
      options.only.some((part) => name.includes(part)),
  )
  const logFolder = mkdtempSync(join(tmpdir(), 'tally-chaos-'))
  progress(`seed ${options.seed}; logs of the nodes in ${logFolder}`)
  const startedAt = new Date().toISOString()
  const surroundings = { options, postgres: await startPostgresCluster(), logFolder }
  try {
    const results = options.contestants.includes('tally') ? await runFaults(faults, surroundings) : []
    const drift = options.hasDrift ? await runDrift(surroundings) : []
    const naive = options.contestants.includes('naive-redis') ? await runNaive(surroundings) : []
    const report = { startedAt, machine: describeMachine(), options, results, drift, naive }
    if (options.reportFolder !== undefined) writeReport(report, options.reportFolder)
    return verdict([...results, ...drift.filter(({ contestant }) => contestant === 'tally')])
  } finally {
    await Promise.race([surroundings.postgres.stop(), delay(STOP_DEADLINE_MS)])
  }
}

/** @returns the exit code. */
function verdict(results: readonly { fault: string; broken: readonly string[] }[]): number {
  const broken = results.flatMap(({ fault, broken }) => broken.map((what) => `${fault}: ${what}`))
  for (const what of broken) console.log(`BROKEN  ${what}`)
  if (broken.length === 0) console.log(`every promise was kept, under ${results.length} faults`)
  return broken.length === 0 ? 0 : 1
}

if (process.argv.includes('--help')) console.log(USAGE)
else {
  const timer = setTimeout(() => {
    console.error(`not done within ${DEADLINE_MS} ms`)
    process.exit(1)
  }, DEADLINE_MS)
  const code = await main(parseOptions(process.argv.slice(2), Date.now()))
  clearTimeout(timer)
  process.exit(code)
}
