import { setTimeout as delay } from 'node:timers/promises'
import type { Mismatch } from '../crowd/crowd-job.ts'
import type { World } from '../world/world.ts'
import { type Recount, recount, roomsWithHoles } from './recount.ts'

/** What the independent checker found once everything was still. */
export type RestFigures = {
  /** From the last acknowledgement until everything agreed, in ms; `undefined`: it never did. */
  exactAfterMs: number | undefined
  /** Devices that show a wrong number, at the end of the deadline. */
  wrongDevices: number
  /** People of whom the server says a wrong total. */
  wrongTotals: number
  /** Members whose registers in the database are not the recount. */
  wrongRegisters: number
  /** Rooms in which a place is empty, or taken twice. */
  holes: number
  /** Rooms on a screen whose messages are not all there, once and in order. */
  screenFaults: string[]
  /** The last that were seen. */
  mismatches: Mismatch[]
}

/** How the server under test is asked for everybody's total. */
export type TotalsOf = (world: World) => Promise<Map<string, number | null>>

const POLL_MS = 200
const ASKED_AT_ONCE = 50

/**
 * Waits until what everybody sees, what the server says and what the messages say is the same, but not for ever.
 * Leases of connections that died with a node hold a room open for up to 30 s: the deadline is longer than that.
 */
export async function checkAtRest(
  world: World,
  { deadlineMs, totalsOf }: { deadlineMs: number; totalsOf: TotalsOf },
): Promise<RestFigures> {
  const startMs = performance.now()
  const elapsed = (): number => performance.now() - startMs
  // Before the rooms are closed: what is on the screens.
  let screenFaults: string[]
  let truth: Recount
  do {
    truth = await recount(world.db)
    screenFaults = (await world.ask('screenFaults', truth.heads)).flat()
    if (screenFaults.length > 0) await delay(POLL_MS)
  } while (screenFaults.length > 0 && elapsed() < deadlineMs)
  await world.ask('openFrontRooms', false)
  let mismatches: Mismatch[] = []
  for (;;) {
    truth = await recount(world.db)
    const answers = await world.ask('compare', truth)
    const wrongDevices = answers.reduce((sum, answer) => sum + answer.wrongDevices, 0)
    if (wrongDevices > 0) mismatches = answers.flatMap((answer) => answer.mismatches)
    const wrongTotals = wrongDevices > 0 ? 0 : countWrong(truth, await totalsOf(world))
    const isExact = wrongDevices === 0 && wrongTotals === 0
    if (isExact || elapsed() > deadlineMs) {
      return {
        exactAfterMs: isExact ? Math.round(elapsed()) : undefined,
        wrongDevices,
        wrongTotals,
        wrongRegisters: truth.wrongRegisters,
        holes: await roomsWithHoles(world.db),
        screenFaults,
        mismatches,
      }
    }
    await delay(POLL_MS)
  }
}

function countWrong({ people }: Recount, totals: ReadonlyMap<string, number | null>): number {
  return Object.entries(people).filter(([userId, { total }]) => totals.get(userId) !== total).length
}

/** What `GET /v1/badge` answers, person by person, on whichever node it comes to. */
export const totalsByApi: TotalsOf = async (world) => {
  const totals = new Map<string, number | null>()
  for (let index = 0; index < world.people.length; index += ASKED_AT_ONCE) {
    const asked = world.people.slice(index, index + ASKED_AT_ONCE).map(async ({ userId, token }) => {
      const answer = await fetch(`${world.balancer.url}/v1/badge`, {
        headers: { authorization: `Bearer ${token}` },
      }).catch(() => undefined)
      const badge = answer?.ok ? ((await answer.json()) as { total: number | null }) : { total: null }
      totals.set(userId, badge.total)
    })
    await Promise.all(asked)
  }
  return totals
}
