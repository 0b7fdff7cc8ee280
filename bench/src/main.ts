import { ensurePrograms } from '../../scripts/install-programs.mjs'
import { PEERS } from '../peers/peers.ts'
import { measureDisk } from './measure/disk.ts'
import { type CommandOptions, parseOptions, USAGE } from './options.ts'
import { hasFailed, keepFailure, keepResult, keptOf } from './report/kept-results.ts'
import { commitOf, describeMachine } from './report/machine.ts'
import { printResult } from './report/print-result.ts'
import { progress } from './report/progress.ts'
import type { Failure, Result } from './report/result.ts'
import { isFailed } from './report/verdict.ts'
import { drawKept, drawPlots, writeReport } from './report/write-report.ts'
import { SCENARIOS } from './scenarios/all-scenarios.ts'
import { chosen, flagsOf, type RunOptions, roundsOf, type Scenario } from './scenarios/scenario.ts'
import { Storages } from './servers/storage.ts'

/**
 * Runs what was asked for.
 * @returns the exit code: 1 when something was wrong or could not be measured; and, but not of a short run, when a bar was
 * not held or a run is void.
 */
async function main(asked: CommandOptions): Promise<number> {
  const { names, keptFolder, reportFolder, isResumed, options } = asked
  const commit = commitOf()
  if (names.length === 0) {
    drawKept(keptFolder)
    writeReport(keptFolder)
    return 0
  }
  // A bench that nobody compares with needs none of theirs.
  ensurePrograms(chosen(PEERS, options).flatMap(({ program }) => program ?? []))
  const storages = await Storages.open(options)
  const results = new Map<string, Result>()
  const figuresOf = (name: string): unknown => (results.get(name) ?? keptOf(name, keptFolder))?.figures
  let isHeld = true
  const wanted = SCENARIOS.filter(({ name }) => names.includes(name))
  const isKept = ({ name }: Scenario): boolean =>
    keptOf(name, keptFolder)?.machine.commit === commit && !hasFailed(name, keptFolder)
  const due = wanted.filter((scenario) => !(isResumed && isKept(scenario)))
  if (due.length < wanted.length)
    progress(`${wanted.length - due.length} stand in the report, measured at this commit`)
  const beganMs = performance.now()
  try {
    const machine = { ...describeMachine(), disk: await measureDisk(storages) }
    for (const [index, scenario] of due.entries()) {
      progress(`${index + 1} of ${due.length}: ${scenario.name}: ${scenario.about}`)
      if (!options.isShort) progress(timesOf(due.slice(index), { options, beganMs }))
      const startMs = performance.now()
      const result = await scenario.run({ storages, options, figuresOf }).catch((error: unknown) => {
        console.error(`${scenario.name} could not be measured:`, error)
        if (reportFolder !== undefined) keepFailure(failureOf(scenario, { commit, error }), reportFolder)
      })
      isHeld &&= result !== undefined
      if (result !== undefined) {
        results.set(scenario.name, result)
        const tookSeconds = Math.round((performance.now() - startMs) / 1_000)
        printResult(result, tookSeconds)
        isHeld &&= !isFailed(result, options)
        if (reportFolder !== undefined) {
          const how = { rounds: roundsOf(scenario, options), flags: flagsOf(scenario, options) }
          const measuredAt = new Date().toISOString()
          const isNews = keepResult({ ...result, ...how, measuredAt, tookSeconds, machine }, reportFolder)
          if (isNews) drawPlots(result, reportFolder)
          else progress(`${scenario.name} is void: the report keeps what was measured before`)
        }
      }
      // At once, so that a run that is broken off can be gone on with.
      if (reportFolder !== undefined) writeReport(reportFolder)
    }
  } finally {
    await storages.stop()
  }
  if (reportFolder !== undefined) writeReport(reportFolder)
  return isHeld ? 0 : 1
}

/** What it says goes into one line: the first that it has. */
function failureOf({ name }: Scenario, { commit, error }: { commit: string; error: unknown }): Failure {
  const [why = ''] = String(error instanceof Error ? error.message : error).split('\n')
  return { scenario: name, failedAt: new Date().toISOString(), commit, why }
}

/** What is behind, this scenario, and all that are left. */
function timesOf(
  left: readonly Scenario[],
  { options: { rounds, scale }, beganMs }: { options: RunOptions; beganMs: number },
): string {
  const [first = 0, ...others] = left.map(({ expectedSeconds: { once, perRound } }) =>
    Math.round((once + perRound * rounds) * scale),
  )
  const restMinutes = others.reduce((sum, seconds) => sum + seconds, first) / 60
  const minutes = (performance.now() - beganMs) / 60_000
  return `  ${minutes.toFixed(0)} min so far; this takes about ${first} s, all that is left about ${restMinutes.toFixed(0)} min`
}

/** @returns undefined where somebody named what there is not, once they were told. */
function read(args: readonly string[]): CommandOptions | undefined {
  try {
    return parseOptions(args)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    console.error(`${error.message}\n\n\`npm run bench -- --help\` says what there is.`)
    return undefined
  }
}

const args = process.argv.slice(2)
if (args.length === 0 || args.includes('--help')) console.log(USAGE)
else {
  const asked = read(args)
  process.exit(asked === undefined ? 2 : await main(asked))
}
