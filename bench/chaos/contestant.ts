import { join } from 'node:path'
import { type TotalsOf, totalsByApi } from './check/rest.ts'
import type { Style } from './crowd/crowd-job.ts'
import { naiveTotals } from './naive/naive-totals.ts'
import type { Surroundings } from './world/open-world.ts'
import type { PlannedRoom } from './world/people.ts'

export type ContestantName = 'tally' | 'naive-redis'

/** A server that can be put into a world. */
export type Contestant = {
  program: string
  nodeCount?: number
  /** What it speaks, when that is not everything. */
  styles?: readonly Style[]
  makeRooms?: Surroundings['makeRooms']
  totalsOf: TotalsOf
}

const ROOT = join(import.meta.dirname, '../..')

export const CONTESTANTS: Record<ContestantName, Contestant> = {
  tally: { program: join(ROOT, 'packages/server/src/main.ts'), totalsOf: totalsByApi },
  'naive-redis': {
    program: join(ROOT, 'bench/baselines/naive-redis.ts'),
    nodeCount: 4,
    styles: ['app'],
    makeRooms: makeNaiveRooms,
    totalsOf: naiveTotals,
  },
}

async function makeNaiveRooms(url: string, rooms: readonly PlannedRoom[]): Promise<string[]> {
  const body = rooms.map(({ key, userIds }) => ({ roomId: key, userIds }))
  const answer = await fetch(`${url}/rooms`, { method: 'POST', body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`the rooms were refused with ${answer.status}`)
  return rooms.map(({ key }) => key)
}
