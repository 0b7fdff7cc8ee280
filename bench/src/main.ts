import { ejabberd, ensurePrograms } from '../../scripts/install-programs.mjs'
import { parseOptions, USAGE } from './options.ts'
import { commitOf } from './report/machine.ts'
import { printResult } from './report/print-result.ts'
import { progress } from './report/progress.ts'
import type { Bar, Result } from './report/result.ts'
import { keptFigures, keptOf, writeReport, writeResult } from './report/write-report.ts'
import { SCENARIOS } from './scenarios/all-scenarios.ts'
import type { RunOptions, Scenario } from './scenarios/scenario.ts'
import { Storages } from './servers/storage.ts'

/** Runs what was asked for. @returns the exit code: 1 when a bar was not held; of a short run, when something was wrong. */
async function main(args: readonly string[]): Promise<number> {
  const { names, keptFolder, reportFolder, isResumed, options } = parseOptions(args)
  if (options.withPeers) ensurePrograms([ejabberd])
  const storages = await Storages.open(options.profileFolder)
  const results = new Map<string, Result>()
  const figuresOf = (name: string): unknown => results.get(name)?.figures ?? keptFigures(name, keptFolder)
  let isHeld = true
  const counts = ({ mustHold = false }: Bar): boolean => mustHold || !options.isShort
  const asked = SCENARIOS.filter(({ name }) => names.includes(name))
  const commit = commitOf()
  const isKept = ({ name }: Scenario): boolean => keptOf(name, keptFolder)?.machine.commit === commit
  const due = asked.filter((scenario) => !(isResumed && isKept(scenario)))
  if (due.length < asked.length)
    progress(`${asked.length - due.length} stand in the report, measured at this commit`)
  const beganMs = performance.now()
  try {
    for (const [index, scenario] of due.entries()) {
      progress(`${index + 1} of ${due.length}: ${scenario.name}: ${scenario.about}`)
      if (!options.isShort) progress(timesOf(due.slice(index), { options, beganMs }))
      const startMs = performance.now()
      const result = await scenario.run({ storages, options, figuresOf }).catch((error: unknown) => {
        console.error(`${scenario.name} could not be measured:`, error)
      })
      isHeld &&= result !== undefined
      if (result === undefined) continue
      results.set(scenario.name, result)
      const tookSeconds = Math.round((performance.now() - startMs) / 1_000)
      printResult(result, tookSeconds)
      isHeld &&= result.bars.filter(counts).every(({ held }) => held)
      if (reportFolder === undefined) continue
      // At once, so that a run that is broken off can be gone on with.
      writeResult(result, { folder: reportFolder, tookSeconds })
      writeReport(reportFolder)
    }
  } finally {
    await storages.stop()
  }
  if (reportFolder !== undefined) writeReport(reportFolder)
  return isHeld ? 0 : 1
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

const args = process.argv.slice(2)
if (args.length === 0 || args.includes('--help')) console.log(USAGE)
else process.exit(await main(args))
