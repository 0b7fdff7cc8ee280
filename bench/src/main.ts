import { parseOptions, USAGE } from './options.ts'
import { printResult } from './report/print-result.ts'
import { progress } from './report/progress.ts'
import { writeReport, writeResult } from './report/write-report.ts'
import { SCENARIOS } from './scenarios/all-scenarios.ts'
import { Storages } from './servers/storage.ts'

/** Runs what was asked for. @returns the exit code: 1 when a bar was not held. */
async function main(args: readonly string[]): Promise<number> {
  const { names, reportFolder, options } = parseOptions(args)
  const storages = await Storages.open(options.profileFolder)
  let isHeld = true
  try {
    for (const scenario of SCENARIOS.filter(({ name }) => names.includes(name))) {
      progress(`${scenario.name}: ${scenario.about}`)
      const startMs = performance.now()
      const result = await scenario.run({ storages, options })
      const tookSeconds = Math.round((performance.now() - startMs) / 1_000)
      printResult(result, tookSeconds)
      isHeld &&= result.bars.every(({ held }) => held)
      if (reportFolder !== undefined) writeResult(result, { folder: reportFolder, tookSeconds })
    }
  } finally {
    await storages.stop()
  }
  if (reportFolder !== undefined) writeReport(reportFolder)
  return isHeld || options.isShort ? 0 : 1
}

const args = process.argv.slice(2)
if (args.length === 0 || args.includes('--help')) console.log(USAGE)
else process.exit(await main(args))
