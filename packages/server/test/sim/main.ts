import { parseArgs } from 'node:util'
import { BROKEN_RULES, type BrokenRule } from './broken-rules.ts'
import { type RunOptions, type RunResult, runSeed } from './run-seed.ts'
import { smallestRun } from './smallest-run.ts'
import { SOMETIMES, type Sometimes } from './sometimes.ts'

const HELP = `npm run sim -- [options]

  --seeds <n>       how many runs (200)
  --from <seed>     the first one (1)
  --seed <seed>     one run only, with its whole trace
  --steps <n>       how much happens in each run
  --without <list>  faults that do not strike, separated by commas
  --broken <rule>   with a mistake on purpose: ${BROKEN_RULES.join(' | ')}
`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    steps: { type: 'string' },
    without: { type: 'string', default: '' },
    broken: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const asked: Omit<RunOptions, 'seed'> = {
  without: new Set(values.without.split(',').filter((name) => name !== '')),
  broken: values.broken as BrokenRule | undefined,
  ...(values.steps === undefined ? {} : { steps: Number(values.steps) }),
}

if (values.help || (values.broken !== undefined && !BROKEN_RULES.includes(values.broken as BrokenRule))) {
  print(HELP)
  process.exitCode = values.help ? 0 : 2
} else if (values.seed === undefined) {
  await runMany({ first: Number(values.from), count: Number(values.seeds) })
} else {
  const seed = Number(values.seed)
  tell(seed, asked, await runSeed({ ...asked, seed }))
}

/** Runs until one goes wrong. */
async function runMany({ first, count }: { first: number; count: number }): Promise<void> {
  const totals = new Map<Sometimes, number>(SOMETIMES.map((what) => [what, 0]))
  const begunAtMs = performance.now()
  let toldAtMs = begunAtMs
  for (let seed = first; seed < first + count; seed += 1) {
    const result = await runSeed({ ...asked, seed })
    if (result.violation !== undefined) {
      print(`seed ${seed} went wrong; looking for less that does`)
      const smallest = await smallestRun({ ...asked, seed, result })
      tell(seed, { ...asked, ...smallest.options }, smallest.result)
      return
    }
    for (const [what, times] of result.counts) totals.set(what, (totals.get(what) ?? 0) + times)
    const nowMs = performance.now()
    const done = seed - first + 1
    if (nowMs - toldAtMs < 2_000 && done < count) continue
    toldAtMs = nowMs
    print(
      `${done} of ${count} seeds, ${((done * 1_000) / (nowMs - begunAtMs)).toFixed(1)} per second, 0 violations`,
    )
  }
  for (const [what, times] of totals) print(`${String(times).padStart(8)}  ${what}`)
}

/** The trace, what was wrong, and how to see it again. */
function tell(
  seed: number,
  { steps, without, broken }: Omit<RunOptions, 'seed'>,
  { trace, violation }: RunResult,
): void {
  for (const line of trace) print(line)
  if (violation === undefined) {
    print(`seed ${seed}: nothing wrong`)
    return
  }
  print(`\n${violation.stack}\n`)
  const options = [
    ...(steps === undefined ? [] : [`--steps ${steps}`]),
    ...(without === undefined || without.size === 0 ? [] : [`--without '${[...without].join(',')}'`]),
    ...(broken === undefined ? [] : [`--broken '${broken}'`]),
  ]
  print(`npm run sim -- --seed ${seed} ${options.join(' ')}`)
  process.exitCode = 1
}
