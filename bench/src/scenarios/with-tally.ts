import { type Contestant, type Running, tallyRedis } from '../servers/contestants.ts'
import type { Storage } from '../servers/storage.ts'
import type { Surroundings } from './scenario.ts'

/** A Tally that answers, what it keeps things in, and the address of its first server. */
export type Lent = { running: Running; storage: Storage; url: string }

/** Lends an empty Tally to a task, and ends it afterwards. */
export function withTally<T>(
  { storages }: Surroundings,
  task: (lent: Lent) => Promise<T>,
  { contestant = tallyRedis, settings }: { contestant?: Contestant; settings?: Record<string, string> } = {},
): Promise<T> {
  return storages.lend(async (storage) => {
    const running = await contestant.start(storage, settings)
    try {
      return await task({ running, storage, url: running.servers[0]?.url ?? '' })
    } finally {
      await running.stop()
    }
  })
}
