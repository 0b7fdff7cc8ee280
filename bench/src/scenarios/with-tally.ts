import { type Contestant, type Running, tallyRedis } from '../servers/contestants.ts'
import type { Storage } from '../servers/storage.ts'
import { askOracle, type Oracle } from './oracle.ts'
import type { Surroundings } from './scenario.ts'

/** Servers that answer, what they keep things in, and the address of the first one. */
export type Lent = { running: Running; storage: Storage; url: string }

type Options = { contestant?: Contestant; settings?: Record<string, string>; processes?: number }

/**
 * Lends an empty Tally on PostgreSQL to a task, counts everything anew when the task is over, and ends it. A task leaves
 * no connection behind: who has a room open is about to read it.
 * @returns what the task found, and the oracle; none of a contestant that is no Tally and so does not promise to be right.
 */
export function withTally<T>(
  { storages }: Surroundings,
  task: (lent: Lent) => Promise<T>,
  { contestant = tallyRedis, settings, processes }: Options = {},
): Promise<{ result: T; oracles: Oracle[] }> {
  return storages.lend(async (storage) => {
    const running = await contestant.start(storage, settings, processes)
    try {
      const url = running.servers[0]?.url ?? ''
      const result = await task({ running, storage, url })
      const { truth, isTally } = contestant
      const oracles = isTally && truth !== undefined ? [await askOracle(url, () => truth(storage))] : []
      return { result, oracles }
    } finally {
      await running.stop()
    }
  })
}
