import { setTimeout as delay } from 'node:timers/promises'
import type { CrowdLoad, CrowdSeen } from '../load/crowd-load.ts'
import { Generator } from '../load/generator.ts'
import { generatorLimit } from '../measure/generator-limit.ts'
import { type KernelBytes, kernelSocketBytes, rssBytesOf } from '../measure/process-figures.ts'
import { Window, type WindowFigures } from '../measure/window.ts'
import { barPlot } from '../report/bar-plot.ts'
import { progress } from '../report/progress.ts'
import type { Result } from '../report/result.ts'
import { tallyRedis } from '../servers/contestants.ts'
import { makePeople } from '../servers/host-api.ts'
import { seedPeople, withDatabase } from '../servers/seed.ts'
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
      // Let in as fast as it goes: 500 a second is the default, for the sake of those who are there.
      settings: { TALLY_CONNECTIONS_PER_SECOND: '100000' },
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

function resultOf(idle: IdleFigures): Result {
  const { count, connected, before, after } = idle
  const each = (bytes: number): number => bytes / count / KIB
  const kib = each(idle.rssAfter - idle.rssBefore)
  const kernelKib = (what: keyof KernelBytes): string => {
    const kib = each(idle.kernelAfter[what] - idle.kernelBefore[what])
    return Number.isNaN(kib) ? 'not told here' : `${kib.toFixed(1)} KiB`
  }
  const { more } = idle
  const moreKib = (more.rssBytes - idle.rssAfter) / (more.count - count) / KIB
  const latency = ({ badge }: StepFigures): string => `${badge.p50.toFixed(1)} / ${badge.p99.toFixed(1)} ms`
  const wrong = idle.oracle.wrong + idle.oracle.lost
  const limit = generatorLimit({
    ...{ generatorShare: connected.processorShare, lagP99Ms: 0 },
    latencyP99Ms: connected.tookMs,
  })
  // A millisecond is what two runs of the same differ by.
  const isUnchanged = after.badge.p99 <= Math.max(before.badge.p99 * 1.2, before.badge.p99 + 1)
  return {
    scenario: 'idle',
    title: 'Connections that do nothing',
    what: `${count.toLocaleString('en-US')} people connect at once, authenticate, and stay; beside them people in pairs send ${before.perSecond} messages a second.`,
    highlights: [
      `A connection that does nothing takes ${kib.toFixed(1)} KiB of the server; ${more.count.toLocaleString('en-US')} were open on one node.`,
    ],
    bars: [
      {
        promise: `≤ ${BARS.kib} KiB RSS each`,
        measured: `${kib.toFixed(1)} KiB (${(kib / BARS.kib).toFixed(2)} of the bar)`,
        held: kib <= BARS.kib,
      },
      {
        promise: 'connected in ≤ 4 s',
        measured: `${(connected.tookMs / 1_000).toFixed(1)} s (${(connected.tookMs / BARS.connectedMs).toFixed(2)} of the bar), ${connected.failed} failed`,
        held: connected.tookMs <= BARS.connectedMs && connected.failed === 0,
        ...(limit === undefined ? {} : { voidBecause: limit }),
      },
      {
        promise: 'no latency change for the others (p99 at most 20 % or 1 ms longer, whichever is more)',
        measured: `p50 / p99 ${latency(before)} before, ${latency(after)} beside them: p99 ${(after.badge.p99 / before.badge.p99).toFixed(2)} ×`,
        held: isUnchanged,
      },
      { mustHold: true, promise: 'no badge wrong, no message lost', measured: `${wrong}`, held: wrong === 0 },
    ],
    tables: [
      {
        caption: 'Per connection',
        head: ['', ''],
        rows: [
          ['memory of the server (RSS)', `${kib.toFixed(1)} KiB`],
          ['structures of the kernel, for both ends (/proc/slabinfo)', kernelKib('structures')],
          ['its buffers, for both ends (/proc/net/sockstat)', kernelKib('buffers')],
          ['memory of Redis', `${each(idle.redisBytes).toFixed(2)} KiB`],
          [
            'server, cores per 10,000 while nobody sends',
            ((idle.quiet.serverShare / count) * 10_000).toFixed(3),
          ],
          [
            'Redis commands a second while nobody sends',
            (idle.quiet.redisCommands / idle.quiet.seconds / count).toFixed(2),
          ],
        ],
      },
    ],
    plots: [
      barPlot(
        { name: 'idle', title: 'Memory of a connection that does nothing', label: 'KiB', strong: ['server'] },
        [
          ['the bar', BARS.kib],
          ['server', kib],
          ['kernel, both ends', each(idle.kernelAfter.structures - idle.kernelBefore.structures) || 0],
          ['Redis', each(idle.redisBytes)],
        ],
      ),
    ],
    notes: [
      'The kernel holds a socket for each end of a connection, and here it is the kernel of both.',
      `**As many as fit:** ${more.count.toLocaleString('en-US')} connected, with ${Math.round(more.rssBytes / KIB / KIB).toLocaleString('en-US')} MiB in all and ${moreKib.toFixed(1)} KiB for each that was added; then ${more.stoppedBy}.`,
    ],
    voidBecause: [before, after].flatMap(({ limitedBy }) => limitedBy ?? []),
    figures: idle,
  }
}
