import { parseOptions, USAGE } from './options.ts'
import { printResult } from './report/print-result.ts'
import { progress } from './report/progress.ts'
import type { Bar, Result } from './report/result.ts'
import { keptFigures, writeReport, writeResult } from './report/write-report.ts'
import { SCENARIOS } from './scenarios/all-scenarios.ts'
import { Storages } from './servers/storage.ts'

/** Runs what was asked for. @returns the exit code: 1 when a bar was not held; of a short run, when something was wrong. */
async function main(args: readonly string[]): Promise<number> {
  const { names, keptFolder, reportFolder, options } = parseOptions(args)
  const storages = await Storages.open(options.profileFolder)
  const results = new Map<string, Result>()
  const figuresOf = (name: string): unknown => results.get(name)?.figures ?? keptFigures(name, keptFolder)
  let isHeld = true
  const counts = ({ mustHold = false }: Bar): boolean => mustHold || !options.isShort
  try {
    for (const scenario of SCENARIOS.filter(({ name }) => names.includes(name))) {
      progress(`${scenario.name}: ${scenario.about}`)
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
      if (reportFolder !== undefined) writeResult(result, { folder: reportFolder, tookSeconds })
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
