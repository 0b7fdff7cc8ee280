import { Generator } from '../load/generator.ts'
import type { GroupsLoad, GroupsSeen } from '../load/groups-load.ts'
import { limitedSteps } from '../measure/generator-limit.ts'
import { latencies } from '../measure/percentiles.ts'
import { Window, type WindowFigures } from '../measure/window.ts'
import { progress } from '../report/progress.ts'
import type { Result } from '../report/result.ts'
import { makePeople } from '../servers/host-api.ts'
import { seedPeople, seedRooms, withDatabase } from '../servers/seed.ts'
import { type Oracle, oracleBar } from './oracle.ts'
import type { Scenario, Surroundings } from './scenario.ts'
import { withTally } from './with-tally.ts'

const WANTED_PER_SECOND = 100_000
const P99_MAX_MS = 100
/** 50 rooms of 100: messages a second in each room. */
const RATES = [2, 4, 6, 8, 10, 12, 14, 16, 20]
/** The curve over the size of a room, all of them at so many deliveries a second. */
const SIZES = [2, 5, 10, 50, 100, 500, 1_000]
const CURVE_PER_SECOND = 5_000
const CURVE_PEOPLE = 1_000

export const groups: Scenario = {
  name: 'groups',
  about: '50 rooms of 100, up to 100,000 deliveries a second; rooms of 2 to 1,000',
  expectedSeconds: { once: 80, perRound: 0 },
  run,
}

type Step = Omit<GroupsSeen, 'badgeMs' | 'lagMs'> &
  WindowFigures & { size: number; perSecondAndRoom: number; p50: number; p99: number; lagP99: number }

/** Rate by rate in rooms of one size, and size by size at one rate. */
export type GroupsFigures = { climbed: readonly Step[]; curve: readonly Step[] }

async function run(surroundings: Surroundings): Promise<Result> {
  const { isShort, scale } = surroundings.options
  const seconds = isShort ? 0.5 : 2.5 * scale
  const { result: climbed, oracles } = await climb(surroundings, {
    roomCount: isShort ? 2 : 50,
    size: isShort ? 5 : 100,
    seconds,
  })
  const curve: Step[] = []
  for (const size of isShort ? [2] : SIZES) {
    const roomCount = isShort ? 2 : Math.max(1, Math.floor(CURVE_PEOPLE / size))
    const perSecondAndRoom = (isShort ? 50 : CURVE_PER_SECOND) / (roomCount * (size - 1))
    const measured = await measure(surroundings, { roomCount, size, rates: [perSecondAndRoom], seconds })
    curve.push(...measured.result)
    oracles.push(...measured.oracles)
  }
  return resultOf({ climbed, curve }, oracles)
}

type Climbed = { result: Step[]; oracles: Oracle[] }

function climb(
  surroundings: Surroundings,
  { roomCount, size, seconds }: { roomCount: number; size: number; seconds: number },
): Promise<Climbed> {
  const rates = surroundings.options.isShort ? [5, 10] : RATES
  return measure(surroundings, { roomCount, size, rates, seconds })
}

/** Rate after rate, until one is not held. */
function measure(
  surroundings: Surroundings,
  {
    roomCount,
    size,
    rates,
    seconds,
  }: { roomCount: number; size: number; rates: readonly number[]; seconds: number },
): Promise<Climbed> {
  return withTally(
    surroundings,
    async ({ running, url, storage }) => {
      const people = await makePeople(roomCount * size, `member-of-${size}`)
      const rooms = Array.from({ length: roomCount }, (_, index) => ({
        roomId: `group-of-${size}-${index}`,
        members: people.slice(index * size, (index + 1) * size),
      }))
      await withDatabase(storage.databaseUrl, async (database) => {
        await seedPeople(
          database,
          people.map(({ userId }) => userId),
        )
        await seedRooms(
          database,
          rooms.map(({ roomId, members }) => ({ roomId, userIds: members.map(({ userId }) => userId) })),
        )
        await database.query('analyze')
      })
      const generator = new Generator<GroupsLoad>('groups-load.ts')
      try {
        await generator.ask('open', { url, rooms })
        const steps: Step[] = []
        for (const perSecondAndRoom of rates) {
          const run = async (): Promise<Step> => {
            const window = await Window.open(running, surroundings.storages)
            const seen = await generator.ask('step', {
              perSecondAndRoom,
              warmUpSeconds: seconds / 2,
              seconds,
            })
            return { ...figuresOf(seen), ...(await window.close()), size, perSecondAndRoom }
          }
          const tried = await run()
          // A checkpoint in the middle of a step is not the end.
          const step = isHeld(tried) ? tried : await run()
          steps.push(step)
          progress(
            `groups of ${size}: ${Math.round(step.deliveriesPerSecond)} deliveries/s, p99 ${step.p99.toFixed(0)} ms, server ${step.serverShare.toFixed(2)}, generator ${step.processorShare.toFixed(2)}`,
          )
          if (!isHeld(step)) break
        }
        return steps
      } finally {
        generator.stop()
      }
    },
    { settings: { TALLY_CONNECTIONS_PER_SECOND: '5000' } },
  )
}

function figuresOf({
  badgeMs,
  lagMs,
  ...seen
}: GroupsSeen): Omit<Step, keyof WindowFigures | 'size' | 'perSecondAndRoom'> {
  const { p50, p99 } = latencies([...badgeMs])
  return { ...seen, p50, p99, lagP99: latencies([...lagMs]).p99 }
}

function isHeld({ p99, refused, unseen }: Step): boolean {
  return p99 <= P99_MAX_MS && refused + unseen === 0
}

/** What a badge costs the server, its share of the message included. */
function usPerDelivery({ serverShare, seconds, sentInAll, size }: Step): number {
  return (serverShare * seconds * 1e6) / (sentInAll * (size - 1))
}

function resultOf({ climbed, curve }: GroupsFigures, oracles: readonly Oracle[]): Result {
  const held = Math.max(0, ...climbed.filter(isHeld).map(({ deliveriesPerSecond }) => deliveriesPerSecond))
  const unseen = [...climbed, ...curve].reduce((sum, step) => sum + step.unseen, 0)
  const tableOf = (caption: string, steps: readonly Step[]): Result['tables'][number] => ({
    caption,
    head: [
      'room of',
      'messages/s in each',
      'deliveries/s',
      'p50',
      'p99',
      'frames per delivery',
      'server, cores',
      'server, µs per delivery',
      'generator, cores',
    ],
    rows: steps.map((step) => [
      step.size.toLocaleString('en-US'),
      step.perSecondAndRoom.toFixed(1),
      Math.round(step.deliveriesPerSecond).toLocaleString('en-US'),
      `${step.p50.toFixed(1)} ms`,
      `${step.p99.toFixed(1)} ms`,
      (step.frames / (step.sent * (step.size - 1))).toFixed(2),
      step.serverShare.toFixed(2),
      usPerDelivery(step).toFixed(0),
      step.processorShare.toFixed(2),
    ]),
  })
  return {
    scenario: 'groups',
    title: 'Large rooms',
    what:
      '50 rooms of 100: in each one talks and 99 have the room closed, so every message is 99 badges. The rate rises until p99 is above ' +
      `${P99_MAX_MS} ms. Then rooms of 2 to 1,000 at the same ${CURVE_PER_SECOND.toLocaleString('en-US')} deliveries a second.`,
    highlights: [
      `In rooms of 100 one node brings ${Math.round(held).toLocaleString('en-US')} badges a second within ${P99_MAX_MS} ms (p99).`,
    ],
    bars: [
      {
        isAim: true,
        promise: 'aim: 100,000 deliveries/s, as far as it goes',
        measured: `${Math.round(held).toLocaleString('en-US')}/s with p99 ≤ 100 ms (${(held / WANTED_PER_SECOND).toFixed(2)} of what is wanted)`,
        held: held >= WANTED_PER_SECOND * 0.99,
      },
      { mustHold: true, promise: 'no badge missing', measured: `${unseen}`, held: unseen === 0 },
      oracleBar(oracles),
    ],
    tables: [tableOf('50 rooms of 100', climbed), tableOf('By the size of a room', curve)],
    plots: [
      {
        kind: 'lines',
        name: 'groups',
        title: 'Badge latency by the size of a room, at the same deliveries a second',
        x: { label: 'people in the room', isLog: true },
        y: { label: 'ms', isLog: true },
        series: [
          { name: 'p50', points: curve.map(({ size, p50 }) => [size, p50] as const) },
          { name: 'p99', points: curve.map(({ size, p99 }) => [size, p99] as const) },
        ],
      },
      {
        kind: 'lines',
        name: 'groups-cost',
        title: 'What a badge costs the server, by the size of the room',
        x: { label: 'people in the room', isLog: true },
        y: { label: 'µs of processor time per badge', isLog: false },
        series: [
          { name: 'per badge', points: curve.map((step) => [step.size, usPerDelivery(step)] as const) },
        ],
      },
    ],
    notes: [],
    voidBecause: limitedSteps(
      [...climbed.filter(isHeld), ...curve],
      ({ size, perSecondAndRoom }) => `rooms of ${size} at ${perSecondAndRoom.toFixed(1)}/s`,
    ),
    figures: { climbed, curve },
  }
}
