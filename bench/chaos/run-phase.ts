import { setTimeout as delay } from 'node:timers/promises'
import { type Latencies, latencies } from '../src/measure/percentiles.ts'
import { badgeGaps, type Gap, gapMs, type Links } from './check/badge-gaps.ts'
import { checkMessages, type MessageFigures } from './check/check-messages.ts'
import { type Step, sendLatencies, timeline, untilExactMs } from './check/figures.ts'
import { type DatabaseFigures, QueryWatch } from './check/query-watch.ts'
import { storedMessages } from './check/recount.ts'
import { checkAtRest, type RestFigures, type TotalsOf } from './check/rest.ts'
import type { Journal } from './crowd/crowd-job.ts'
import { clockMs, emptyJournal } from './crowd/device.ts'
import type { Fault } from './faults/fault.ts'
import type { World } from './world/world.ts'

export type PhaseOptions = {
  perSecond: number
  readShare: number
  openShare: number
  seed: number
  /** The load before the fault, and after it, in ms. */
  calmMs: number
  afterMs: number
  /** Shortens the waits of the faults. */
  scale: number
  /** Widens what has to happen within a time, for a machine that has other things to do. */
  patience: number
  totalsOf: TotalsOf
}

/** Everything that was seen of one fault. */
export type PhaseResult = {
  fault: string
  promise: string
  messages: MessageFigures
  /** From the intended send to the acknowledgement. */
  send: Latencies
  refused: Record<string, number>
  unanswered: number
  wentDark: number
  /** From a commit to its badge: where the connection held, and everywhere. */
  gap: Latencies
  gapWithReconnects: Latencies
  unseen: number
  /** The slowest badges, with their moments from the beginning of the phase. */
  slowest: { deviceId: string; committedAtMs: number; gapMs: number; wasConnected: boolean }[]
  untilExactMs: number
  rest: RestFigures
  violations: string[]
  database: DatabaseFigures
  figures: Record<string, string | number>
  broken: string[]
  timeline: { steps: Step[]; marks: { atMs: number; text: string }[]; faultMs: [from: number, until: number] }
}

const SETTLE_DEADLINE_MS = 60_000
const REST_DEADLINE_MS = 45_000
const MOST_SLOW = 10

/** Runs one fault under load, and lets the checker look at what is left of it. */
export async function runPhase(
  world: World,
  { fault, label, links }: { fault: Fault; label: string; links: Links },
  options: PhaseOptions,
): Promise<PhaseResult> {
  await fault.prepare?.(world)
  await collect(world, links)
  world.marks = []
  const watch = new QueryWatch(world.db)
  const startMs = clockMs()
  if (fault.isQuiet !== true) await loadEveryone(world, label, options)
  await delay(options.calmMs)
  const faultMs = clockMs()
  const found = await fault.inject(world, { scale: options.scale })
  const faultEndMs = clockMs()
  await delay(options.afterMs)
  await world.ask('silence')
  const endMs = clockMs()
  const waiting = (await world.ask('settle', SETTLE_DEADLINE_MS)).reduce((sum, count) => sum + count, 0)
  const rest = await checkAtRest(world, {
    deadlineMs: REST_DEADLINE_MS * Math.max(1, options.patience / 2),
    totalsOf: options.totalsOf,
  })
  const database = watch.stop({ fromMs: startMs, faultMs, faultEndMs, untilMs: endMs })
  const journal = await collect(world, links)
  const stored = await storedMessages(world.db, label)
  const own = journal.sends.filter(({ text }) => text.startsWith(`${label} `))
  const devices = fault.excludesSleepers
    ? world.devices.filter(({ deviceId }) => !world.isSleeper(deviceId))
    : world.devices
  const { gaps, unseen } = badgeGaps({ messages: stored, devices, sightings: journal.sightings, links })
  const seen: Omit<PhaseResult, 'broken' | 'figures'> = {
    fault: fault.name,
    promise: fault.promise,
    messages: checkMessages(own, stored),
    send: sendLatencies(own),
    refused: countBy(journal.refusals.map(({ code }) => code)),
    unanswered: journal.unanswered.length,
    wentDark: journal.wentDark,
    gap: latencies(gaps.filter(({ wasConnected }) => wasConnected).map(gapMs)),
    gapWithReconnects: latencies(gaps.map(gapMs)),
    unseen,
    slowest: slowestOf(gaps, startMs),
    untilExactMs: untilExactMs(gaps, faultEndMs),
    rest,
    violations: journal.violations,
    database,
    timeline: {
      steps: timeline({ startMs, endMs, gaps, journal }),
      marks: world.marks.map(({ atMs, text }) => ({ atMs: Math.round(atMs - startMs), text })),
      faultMs: [Math.round(faultMs - startMs), Math.round(faultEndMs - startMs)],
    },
  }
  const lost = world.nodes.filter(({ isLost }) => isLost).map(({ name }) => `${name} ended by itself`)
  if (waiting > 0)
    lost.push(`${waiting} messages were not acknowledged ${SETTLE_DEADLINE_MS} ms after the load`)
  return {
    ...seen,
    figures: found?.figures ?? {},
    broken: [...lost, ...(found?.broken ?? []), ...brokenPromises(fault, seen, options)],
  }
}

/** Every crowd sends its share of the load, until `silence`. */
export async function loadEveryone(
  world: World,
  label: string,
  {
    perSecond,
    readShare,
    openShare,
    seed,
  }: Pick<PhaseOptions, 'perSecond' | 'readShare' | 'openShare' | 'seed'>,
): Promise<void> {
  const count = world.crowds.reduce((sum, { devices }) => sum + devices.length, 0)
  await Promise.all(
    world.crowds.map(({ crowd, devices }, index) =>
      crowd.ask('load', {
        label,
        perSecond: (perSecond * devices.length) / count,
        seed: seed + index,
        readShare,
        openShare,
      }),
    ),
  )
}

/** What all crowds noted since the last time, together. */
async function collect(world: World, links: Links): Promise<Journal> {
  const all = emptyJournal()
  for (const journal of await world.ask('collect')) {
    for (const sighting of journal.sightings) all.sightings.push(sighting)
    for (const send of journal.sends) all.sends.push(send)
    all.links.push(...journal.links)
    all.refusals.push(...journal.refusals)
    all.unanswered.push(...journal.unanswered)
    all.violations.push(...journal.violations)
    all.wentDark += journal.wentDark
  }
  links.add(all.links)
  return all
}

function slowestOf(gaps: readonly Gap[], startMs: number): PhaseResult['slowest'] {
  return gaps
    .toSorted((one, other) => gapMs(other) - gapMs(one))
    .slice(0, MOST_SLOW)
    .map((gap) => ({
      deviceId: gap.deviceId,
      committedAtMs: Math.round(gap.committedAtMs - startMs),
      gapMs: Math.round(gapMs(gap)),
      wasConnected: gap.wasConnected,
    }))
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

/** What did not hold, in words; what must never be is not a matter of patience. */
function brokenPromises(
  { bars }: Fault,
  seen: Omit<PhaseResult, 'broken' | 'figures'>,
  { patience }: { patience: number },
): string[] {
  const { messages, rest } = seen
  const refusals = Object.values(seen.refused).reduce((sum, count) => sum + count, 0)
  const untilExactBar = bars.untilExactMs * patience
  const gapBar = (bars.gapMs ?? Number.POSITIVE_INFINITY) * patience
  const never: [isBroken: boolean, what: string][] = [
    [messages.lost > 0, `${messages.lost} acknowledged messages are lost`],
    [messages.unsent > 0, `${messages.unsent} messages were never stored`],
    [messages.duplicated > 0, `${messages.duplicated} messages are stored more than once`],
    [messages.invented > 0, `${messages.invented} messages were sent by nobody`],
    [messages.disordered > 0, `${messages.disordered} messages are out of their writer's order`],
    [rest.holes > 0, `${rest.holes} rooms have holes`],
    [rest.wrongRegisters > 0, `${rest.wrongRegisters} members' registers differ from the recount`],
    [rest.wrongDevices > 0, `${rest.wrongDevices} devices show a wrong badge at rest`],
    [rest.wrongTotals > 0, `${rest.wrongTotals} people's totals are wrong at rest`],
    [rest.screenFaults.length > 0, `${rest.screenFaults.length} screens miss messages`],
    [seen.violations.length > 0, `${seen.violations.length} messages came twice or out of order`],
    [bars.refusesNothing === true && refusals > 0, `${refusals} sends were refused`],
    [bars.darkensNobody === true && seen.wentDark > 0, `${seen.wentDark} apps gave up`],
    [
      seen.untilExactMs > untilExactBar,
      `exact only after ${seen.untilExactMs} ms (${untilExactBar} promised)`,
    ],
    [seen.gap.max > gapBar, `a badge took ${Math.round(seen.gap.max)} ms (${gapBar} promised)`],
  ]
  return never.flatMap(([isBroken, what]) => (isBroken ? [what] : []))
}
