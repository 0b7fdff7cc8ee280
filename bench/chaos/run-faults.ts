import type { PostgresCluster } from '../../scripts/postgres-cluster.ts'
import { progress } from '../src/report/progress.ts'
import { Links } from './check/badge-gaps.ts'
import { CONTESTANTS } from './contestant.ts'
import type { Fault } from './faults/fault.ts'
import type { ChaosOptions } from './options.ts'
import { type PhaseResult, runPhase } from './run-phase.ts'
import { openWorld } from './world/open-world.ts'
import { planRooms, stylesOneIn } from './world/people.ts'

const SLEEPERS = 10

/** Runs the faults one after the other: those that need the same kind of world share one. */
export async function runFaults(
  faults: readonly Fault[],
  { options, postgres, logFolder }: { options: ChaosOptions; postgres: PostgresCluster; logFolder: string },
): Promise<PhaseResult[]> {
  const results = new Map<Fault, PhaseResult>()
  for (const [kind, own] of Map.groupBy(faults, (fault) => fault.kind)) {
    progress(`a world with ${options.nodes} nodes, ${options.people} people, and Redis as "${kind}"`)
    const world = await openWorld(
      {
        kind,
        nodeCount: options.nodes,
        personCount: options.people,
        crowdCount: options.crowds,
        seed: options.seed,
        logFolder,
        program: CONTESTANTS.tally.program,
        sleeperCount: SLEEPERS,
        styles: stylesOneIn(options.realEvery),
      },
      { postgres, plan: (userIds) => planRooms(userIds, options.groupSize) },
    )
    const links = new Links()
    try {
      for (const fault of own) {
        progress(`${fault.name} ...`)
        const label = `f${faults.indexOf(fault)}`
        const result = await runPhase(
          world,
          { fault, label, links },
          { ...options, totalsOf: CONTESTANTS.tally.totalsOf },
        )
        results.set(fault, result)
        progress(summaryOf(result))
      }
    } finally {
      await world.close()
    }
  }
  return faults.flatMap((fault) => results.get(fault) ?? [])
}

function summaryOf({
  slowest,
  messages,
  send,
  gap,
  untilExactMs,
  rest,
  refused,
  unanswered,
  database,
  broken,
}: PhaseResult): string {
  const ms = (value: number): string => `${Math.round(value)} ms`
  const refusals = Object.entries(refused).map(([code, count]) => `${count} ${code}`)
  return [
    `  ${broken.length === 0 ? 'kept' : 'BROKEN'}: stored ${messages.stored} of ${messages.wanted}, lost ${messages.lost}, twice ${messages.duplicated}`,
    `send p50 ${ms(send.p50)} p99 ${ms(send.p99)}, refused ${refusals.join(' + ') || 0}, unanswered ${unanswered}`,
    `longest badge gap ${ms(gap.max)}, exact after ${ms(untilExactMs)}, at rest after ${rest.exactAfterMs ?? 'never'} ms`,
    `${database.warmed} warmed, the last of them ${ms(database.warmAfterMs)} after the end; database transactions/s ${database.before} before, ${database.peak} at most, ${database.recovery} in the recovery`,
    ...broken.map((what) => `BROKEN ${what}`),
    ...(broken.length > 0 || gap.max > 1_000 ? [JSON.stringify(slowest.slice(0, 4))] : []),
    ...(broken.length > 0 || (rest.exactAfterMs ?? 0) > 2_000
      ? rest.mismatches.slice(0, 5).map((mismatch) => JSON.stringify(mismatch))
      : []),
  ].join('\n           ')
}
