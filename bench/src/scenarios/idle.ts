import { setTimeout as delay } from 'node:timers/promises'
import type { CrowdLoad, CrowdSeen } from '../load/crowd-load.ts'
import { Generator } from '../load/generator.ts'
import { generatorLimit } from '../measure/generator-limit.ts'
import { type KernelBytes, kernelSocketBytes, rssBytesOf } from '../measure/process-figures.ts'
import { Window, type WindowFigures } from '../measure/window.ts'
import { barPlot } from '../report/bar-plot.ts'
import { progress } from '../report/progress.ts'
import type { Bar, Result, Table } from '../report/result.ts'
import { tallyRedis } from '../servers/contestants.ts'
import { makePeople } from '../servers/host-api.ts'
import { seedPeople, withDatabase } from '../servers/seed.ts'
import { CONNECTIONS_PER_SECOND } from './admission.ts'
import { connectAsManyAsFit, type More } from './idle-more.ts'
import { type OracleFigures, PairsRun, type StepFigures } from './pairs-run.ts'
import type { Scenario, Surroundings } from './scenario.ts'

const KIB = 1_024
const BARS = { kib: 16, connectedMs: 4_000 }
const MORE_WITHIN_MS = 25_000

export const idle: Scenario = {
  name: 'idle',
  about:
    '10,000 people are connected and do nothing: memory, time to connect, what the others feel; then as many as fit',
  expectedSeconds: { once: 66, perRound: 0 },
  run,
}

/** What was measured: memory in bytes. */
export type IdleFigures = {
  count: number
  connected: Omit<CrowdSeen, 'caughtUpMs'>
  rssBefore: number
  rssAfter: number
  kernelBefore: KernelBytes
  kernelAfter: KernelBytes
  redisBytes: number
  before: StepFigures
  after: StepFigures
  oracle: OracleFigures
  /** With nobody sending. */
  quiet: WindowFigures
  /** As many as fit. */
  more: More
}

async function run({ storages, options }: Surroundings): Promise<Result> {
  const count = options.isShort ? 50 : 10_000
  const measured = await storages.lend(async (storage): Promise<IdleFigures> => {
    const pairCount = options.isShort ? 5 : 100
    const run = await PairsRun.open({
      contestant: tallyRedis,
      storages,
      storage,
      pairCount,
      generatorCount: 1,
      // Let in as fast as it goes: by default far fewer are a second, for the sake of those who are there.
      settings: { TALLY_CONNECTIONS_PER_SECOND: String(CONNECTIONS_PER_SECOND.idle) },
    })
    const people = await makePeople(count, 'idle')
    await withDatabase(storage.databaseUrl, (database) =>
      seedPeople(
        database,
        people.map(({ userId }) => userId),
      ),
    )
    const load = options.isShort
      ? { perSecond: 50, warmUpSeconds: 0.1, seconds: 0.3 }
      : { perSecond: 500, warmUpSeconds: 6 * options.scale, seconds: 10 * options.scale }
    const crowd = new Generator<CrowdLoad>('crowd-load.ts')
    try {
      const before = await run.step(load)
      const [server] = run.running.servers
      const { pid = 0, url = '' } = server ?? {}
      const settle = (): Promise<void> => delay(options.isShort ? 100 : 4_000)
      await settle()
      const [rssBefore, kernelBefore, redisBefore] = [
        await rssBytesOf(pid),
        await kernelSocketBytes(),
        await storages.redisBytes(),
      ]
      const { caughtUpMs: _, ...connected } = await crowd.ask('connect', { url, people, atOnce: 500 })
      progress(`idle: ${count} connected in ${Math.round(connected.tookMs)} ms`)
      await settle()
      const window = await Window.open(run.running, storages)
      await settle()
      const quiet = await window.close()
      const [rssAfter, kernelAfter, redisAfter] = [
        await rssBytesOf(pid),
        await kernelSocketBytes(),
        await storages.redisBytes(),
      ]
      const redisBytes = redisAfter - redisBefore
      // Only now: what a load leaves in memory is none of what a connection takes.
      const after = await run.step(load)
      const more = await connectAsManyAsFit({
        ...{ url, pid, storage, connected: count },
        ...(options.isShort ? { batch: 20, withinMs: 100 } : { withinMs: MORE_WITHIN_MS }),
      })
      crowd.stop()
      const oracle = await run.finish()
      return {
        ...{ count, connected, before, after, quiet, more, oracle },
        ...{ rssBefore, rssAfter, kernelBefore, kernelAfter, redisBytes },
      }
    } finally {
      crowd.stop()
      await run.running.stop()
    }
  })
  return resultOf(measured)
}

/** Of the server's memory for each connection, in KiB. */
type KibEach = {
  /** Of those that came first: part of what they take is memory that the load before them left. */
  first: number
  /** Of all there were in the end. */
  all: number
  /** The one that is promised and computed with. */
  worse: number
}

export function kibEach({
  count,
  rssBefore,
  rssAfter,
  more,
}: Pick<IdleFigures, 'count' | 'rssBefore' | 'rssAfter'> & {
  more: Pick<More, 'count' | 'rssBytes'>
}): KibEach {
  const first = (rssAfter - rssBefore) / count / KIB
  const all = (more.rssBytes - rssBefore) / more.count / KIB
  return { first, all, worse: Math.max(first, all) }
}

const whole = (value: number): string => value.toLocaleString('en-US')

function resultOf(idle: IdleFigures): Result {
  const { count, before, after, more } = idle
  const { first, all, worse } = kibEach(idle)
  const servers = [`server, first ${whole(count)}`, `server, all ${whole(more.count)}`]
  const limit = generatorLimit({
    ...{ generatorShare: idle.connected.processorShare, lagP99Ms: 0 },
    latencyP99Ms: idle.connected.tookMs,
  })
  return {
    scenario: 'idle',
    title: 'Connections that do nothing',
    what: `${whole(count)} people connect at once, authenticate, and stay; beside them people in pairs send ${before.perSecond} messages a second. They are let in at ${whole(CONNECTIONS_PER_SECOND.idle)} a second; the default is ${CONNECTIONS_PER_SECOND.usual}.`,
    highlights: [
      `A connection that does nothing takes ${worse.toFixed(1)} KiB of the server: ${all.toFixed(1)} over all ${whole(more.count)} that were open on one node, ${first.toFixed(1)} over the first ${whole(count)}.`,
    ],
    bars: barsOf(idle, limit),
    tables: [tableOf(idle)],
    plots: [
      barPlot(
        { name: 'idle', title: 'Memory of a connection that does nothing', label: 'KiB', strong: servers },
        [
          ['the bar', BARS.kib],
          [servers[0] ?? '', first],
          [servers[1] ?? '', all],
          [
            'kernel, both ends',
            eachKib(idle, idle.kernelAfter.structures - idle.kernelBefore.structures) || 0,
          ],
          ['Redis', eachKib(idle, idle.redisBytes)],
        ],
      ),
    ],
    notes: [
      'The kernel holds a socket for each end of a connection, and here it is the kernel of both.',
      `The first ${whole(count)} take part of what they need from memory that the load before them left; those after them do not. What the load between both left is counted to the connections.`,
      `**As many as fit:** ${whole(more.count)} connected, with ${whole(mib(more.rssBytes))} MiB in all (${whole(mib(idle.rssBefore))} before the first); then ${more.stoppedBy}.`,
    ],
    voidBecause: [before, after].flatMap(({ limitedBy }) => limitedBy ?? []),
    figures: idle,
  }
}

const mib = (bytes: number): number => Math.round(bytes / KIB / KIB)

/** Of those that came first. */
const eachKib = ({ count }: IdleFigures, bytes: number): number => bytes / count / KIB

function barsOf(idle: IdleFigures, limit: string | undefined): Bar[] {
  const { count, connected, before, after, more } = idle
  const { first, all, worse } = kibEach(idle)
  const latency = ({ badge }: StepFigures): string => `${badge.p50.toFixed(1)} / ${badge.p99.toFixed(1)} ms`
  const wrong = idle.oracle.wrong + idle.oracle.lost
  return [
    {
      promise: `≤ ${BARS.kib} KiB RSS each`,
      measured: `${worse.toFixed(1)} KiB (${(worse / BARS.kib).toFixed(2)} of the bar), the worse of two: ${all.toFixed(1)} over all ${whole(more.count)}, ${first.toFixed(1)} over the first ${whole(count)}, which use again what the load before them left`,
      held: worse <= BARS.kib,
    },
    {
      promise: `connected in ≤ 4 s, let in at ${whole(CONNECTIONS_PER_SECOND.idle)}/s (the default is ${CONNECTIONS_PER_SECOND.usual}/s)`,
      measured: `${(connected.tookMs / 1_000).toFixed(1)} s (${(connected.tookMs / BARS.connectedMs).toFixed(2)} of the bar), ${connected.failed} failed; at the default ${(count / CONNECTIONS_PER_SECOND.usual).toFixed(0)} s at least`,
      held: connected.tookMs <= BARS.connectedMs && connected.failed === 0,
      ...(limit === undefined ? {} : { voidBecause: limit }),
    },
    {
      promise:
        'no latency change for the others (the bench’s own tolerance: p99 at most 20 % or 1 ms longer, whichever is more)',
      measured: `p50 / p99 ${latency(before)} before, ${latency(after)} beside them: p99 ${(after.badge.p99 / before.badge.p99).toFixed(2)} ×`,
      // A millisecond is what two runs of the same differ by.
      held: after.badge.p99 <= Math.max(before.badge.p99 * 1.2, before.badge.p99 + 1),
    },
    { mustHold: true, promise: 'no badge wrong, no message lost', measured: `${wrong}`, held: wrong === 0 },
  ]
}

function tableOf(idle: IdleFigures): Table {
  const { count, quiet, more } = idle
  const { first, all } = kibEach(idle)
  const kernelKib = (what: keyof KernelBytes): string => {
    const kib = eachKib(idle, idle.kernelAfter[what] - idle.kernelBefore[what])
    return Number.isNaN(kib) ? 'not told here' : `${kib.toFixed(1)} KiB`
  }
  const added = (more.rssBytes - idle.rssAfter) / (more.count - count) / KIB
  return {
    caption: 'Per connection',
    head: ['', ''],
    rows: [
      [`memory of the server (RSS), first ${whole(count)}`, `${first.toFixed(1)} KiB`],
      [`the same, all ${whole(more.count)}`, `${all.toFixed(1)} KiB`],
      [
        `the same, those after the first ${whole(count)} alone, with what a load between left`,
        `${added.toFixed(1)} KiB`,
      ],
      ['structures of the kernel, for both ends (/proc/slabinfo)', kernelKib('structures')],
      ['its buffers, for both ends (/proc/net/sockstat)', kernelKib('buffers')],
      ['memory of Redis', `${eachKib(idle, idle.redisBytes).toFixed(2)} KiB`],
      ['server, cores per 10,000 while nobody sends', ((quiet.serverShare / count) * 10_000).toFixed(3)],
      [
        'Redis commands a second while nobody sends',
        (quiet.redisCommands / quiet.seconds / count).toFixed(2),
      ],
    ],
  }
}
