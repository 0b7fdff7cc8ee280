import { setTimeout as delay } from 'node:timers/promises'
import type { Truth } from '../check/recount.ts'
import { inBatches, type Person } from '../load/people.ts'
import type { Bar } from '../report/result.ts'
import { get, personOf } from '../servers/host-api.ts'

/** What a Tally says of people when everything is still, held against what its messages say. */
export type Oracle = {
  /** Everybody's registers were counted anew; so many were asked for, too. */
  asked: number
  /** People whose total or whose rooms are not what the messages say, and members whose registers are not. */
  wrong: number
}

/** So many are asked for, spread over all; registers are looked at of everybody. */
const ASKED_MAX = 1_000
/** Longer than the touch takes, which heals what was lost. */
const REST_DEADLINE_MS = 12_000
const REST_POLL_MS = 200

/** What a sync says of somebody; of their rooms the first page. */
type Said = { badge: { total: number }; rooms: { id: string; me?: { unread: number } }[] }

/** Counts all messages anew and asks the server for what it says, until both agree or too much time has passed. */
export async function askOracle(url: string, truthNow: () => Promise<Truth>): Promise<Oracle> {
  const deadlineMs = performance.now() + REST_DEADLINE_MS
  for (;;) {
    const truth = await truthNow()
    const asked = await Promise.all(spread([...truth.people.keys()]).map(personOf))
    const said = await inBatches(asked, (person) => get<Said>(`${url}/v1/sync`, person))
    const wrongPeople = asked.filter((person, index) => !isRight(truth, person, said[index])).length
    const wrong = wrongPeople + truth.wrongRegisters
    if (wrong === 0 || performance.now() > deadlineMs) return { asked: asked.length, wrong }
    await delay(REST_POLL_MS)
  }
}

/** What every scenario promises beside its own: a fast wrong badge is a failure. */
export function oracleBar(oracles: readonly Oracle[]): Bar {
  const wrong = oracles.reduce((sum, oracle) => sum + oracle.wrong, 0)
  return {
    mustHold: true,
    promise: 'every badge right when all messages are counted anew',
    measured: `${wrong} wrong`,
    held: wrong === 0,
  }
}

function isRight({ people }: Truth, { userId }: Person, said: Said | undefined): boolean {
  const right = people.get(userId)
  if (said === undefined || right === undefined || said.badge.total !== right.total) return false
  return said.rooms.every(({ id, me }) => me === undefined || me.unread === right.rooms.get(id))
}

function spread<T>(items: readonly T[]): T[] {
  const stride = Math.ceil(items.length / ASKED_MAX)
  return items.filter((_, index) => index % stride === 0)
}
