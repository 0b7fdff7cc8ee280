import { type RunOptions, type RunResult, runSeed, STEPS } from './run-seed.ts'
import { FAULTS } from './sometimes.ts'

export type SmallestRun = {
  readonly options: Required<Pick<RunOptions, 'steps' | 'without'>>
  readonly result: RunResult
}

/**
 * The shortest beginning of a run that goes wrong, and of that the fewest kinds of faults: what is left to read is what
 * matters. (It may go wrong in another way than the whole run did.)
 */
export async function smallestRun(failing: RunOptions & { result: RunResult }): Promise<SmallestRun> {
  const { seed, broken } = failing
  let { result, steps = STEPS, without = new Set<string>() } = failing
  for (let fewer = 1; fewer < steps; fewer += 1) {
    const shorter = await runSeed({ seed, broken, without, steps: fewer })
    if (shorter.violation === undefined) continue
    steps = fewer
    result = shorter
  }
  for (const fault of FAULTS) {
    const fewer = new Set([...without, fault])
    const calmer = await runSeed({ seed, broken, steps, without: fewer })
    if (calmer.violation === undefined) continue
    without = fewer
    result = calmer
  }
  return { options: { steps, without }, result }
}
