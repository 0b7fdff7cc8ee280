import { parseOptions, USAGE } from './options.ts'
import { commitOf } from './report/machine.ts'
import { printResult } from './report/print-result.ts'
import { progress } from './report/progress.ts'
import type { Bar, Result } from './report/result.ts'
import { keptFigures, keptOf, writeReport, writeResult } from './report/write-report.ts'
import { SCENARIOS } from './scenarios/all-scenarios.ts'
import { Storages } from './servers/storage.ts'

/** Runs what was asked for. @returns the exit code: 1 when a bar was not held; of a short run, when something was wrong. */
async function main(args: readonly string[]): Promise<number> {
  const { names, keptFolder, reportFolder, isResumed, options } = parseOptions(args)
  const storages = await Storages.open(options.profileFolder)
  const results = new Map<string, Result>()
  const figuresOf = (name: string): unknown => results.get(name)?.figures ?? keptFigures(name, keptFolder)
  let isHeld = true
  const counts = ({ mustHold = false }: Bar): boolean => mustHold || !options.isShort
  const asked = SCENARIOS.filter(({ name }) => names.includes(name))
  const beganMs = performance.now()
  try {
    for (const [index, scenario] of asked.entries()) {
      if (isResumed && keptOf(scenario.name, keptFolder)?.machine.commit === commitOf()) {
        progress(`${scenario.name}: stands in the report, measured at this commit`)
        continue
      }
      const minutes = ((performance.now() - beganMs) / 60_000).toFixed(0)
      progress(`${index + 1} of ${asked.length}, after ${minutes} min: ${scenario.name}: ${scenario.about}`)
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

const args = process.argv.slice(2)
if (args.length === 0 || args.includes('--help')) console.log(USAGE)
else process.exit(await main(args))
