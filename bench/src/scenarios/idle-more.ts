import { setTimeout as delay } from 'node:timers/promises'
import type { CrowdLoad } from '../load/crowd-load.ts'
import { Generator } from '../load/generator.ts'
import { descriptorLimitOf, rssBytesOf } from '../measure/process-figures.ts'
import { progress } from '../report/progress.ts'
import { makePeople } from '../servers/host-api.ts'
import { seedPeople, withDatabase } from '../servers/seed.ts'
import type { Storage } from '../servers/storage.ts'

/** How it went on beyond those that are measured. */
export type More = {
  /** Connected in all. */
  count: number
  rssBytes: number
  stoppedBy: string
}

const BATCH = 2_500
/** What a process needs besides: databases, files, those who write. */
const SPARE_DESCRIPTORS = 600
/** Addresses of one server are used up at some point: a generator has a port for each connection. */
const PORTS = 27_000
const SETTLE_MS = 3_000

/** Connects more and more people, until no descriptors, no ports or no time is left, or one is not let in. */
export async function connectAsManyAsFit(options: {
  url: string
  pid: number
  storage: Storage
  connected: number
  batch?: number
  withinMs: number
}): Promise<More> {
  const { url, pid, storage, connected, batch = BATCH, withinMs } = options
  const descriptors = await descriptorLimitOf(pid)
  const crowd = new Generator<CrowdLoad>('crowd-load.ts')
  const endMs = performance.now() + withinMs
  let count = connected
  let stoppedBy = ''
  try {
    while (stoppedBy === '') {
      const people = await makePeople(batch, `more-${count}`)
      const userIds = people.map(({ userId }) => userId)
      await withDatabase(storage.databaseUrl, (database) => seedPeople(database, userIds))
      const { failed } = await crowd.ask('connect', { url, people, atOnce: 500 })
      count += batch - failed
      if (failed > 0) stoppedBy = `${failed} of a batch were not let in`
      else if (count + batch > descriptors - SPARE_DESCRIPTORS)
        stoppedBy = `a process may open ${descriptors.toLocaleString('en-US')} descriptors here`
      else if (count + batch > PORTS) stoppedBy = 'one address has no more ports for those who connect'
      else if (performance.now() > endMs) stoppedBy = 'no more time was given'
    }
    await delay(Math.min(SETTLE_MS, withinMs))
    progress(`idle: ${count} connected; ${stoppedBy}`)
    return { count, rssBytes: await rssBytesOf(pid), stoppedBy }
  } finally {
    crowd.stop()
  }
}
