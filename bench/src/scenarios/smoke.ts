import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { PairsJob, PairsReport } from '../load/pairs.ts'
import { median } from '../measure/percentiles.ts'
import { startBenchDatabase } from '../servers/bench-database.ts'
import { type Contestant, makePairs, sequential, tally } from '../servers/contestants.ts'
import { measureBadgeReads } from './badge-read.ts'

const ROUNDS = 3
const PAIRS = 500
const PER_SECOND = 1_000
const WARM_UP_SECONDS = 6
const SECONDS = 10

/** The bars of this load. */
const BARS = { p50Ms: 3, p99Ms: 12 }

type Round = PairsReport & { contestant: string; serverCpu: number; wrong: number | undefined }

/** A minute that tells whether the product is fast and right: 1,000 people in 500 rooms, 1,000 messages a second. */
export async function smoke(): Promise<void> {
  const database = await startBenchDatabase()
  const rounds: Round[] = []
  try {
    const pairs = await makePairs(PAIRS)
    for (let round = 1; round <= ROUNDS; round += 1) {
      for (const contestant of [tally, sequential]) {
        progress(`round ${round} of ${ROUNDS}: ${contestant.name}`)
        rounds.push(await runRound(contestant, await database.create(), pairs))
      }
    }
    report(rounds)
    progress('badge reads')
    await measureBadgeReads(await database.create())
  } finally {
    await database.stop()
  }
  const failures = failuresOf(rounds)
  for (const failure of failures) console.log(`NOT HELD: ${failure}`)
  if (failures.length > 0) process.exitCode = 1
}

async function runRound(
  contestant: Contestant,
  databaseUrl: string,
  people: Awaited<ReturnType<typeof makePairs>>,
): Promise<Round> {
  const server = await contestant.start(databaseUrl)
  try {
    const roomIds = await contestant.createRooms(server.url, people)
    const pairs = people.map((pair, index) => ({ roomId: roomIds[index] ?? '', people: pair }))
    const job = {
      url: server.url,
      pairs,
      perSecond: PER_SECOND,
      warmUpSeconds: WARM_UP_SECONDS,
      seconds: SECONDS,
    }
    const cpuBefore = await server.cpuSeconds()
    const generated = await generate(job)
    const serverCpu = (await server.cpuSeconds()) - cpuBefore
    const wrongByCount = generated.lastCounts.filter(({ unread, received }) => unread !== received).length
    const wrong = await contestant.wrongBadges?.(server.url, pairs)
    return { ...generated, contestant: contestant.name, serverCpu, wrong: (wrong ?? 0) + wrongByCount }
  } finally {
    await server.stop()
  }
}

/** Runs the load in a process of its own. */
function generate(job: PairsJob): Promise<PairsReport> {
  const child = fork(join(import.meta.dirname, '../load/pairs.ts'))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the load generator ended with ${code}`)))
    child.once('message', ({ report, error }: { report?: PairsReport; error?: string }) => {
      if (report !== undefined) resolve(report)
      else reject(new Error(error ?? 'the load generator failed'))
    })
    child.send(job)
  })
}

function report(rounds: readonly Round[]): void {
  const rows = [tally, sequential].map(({ name }) => {
    const own = rounds.filter(({ contestant }) => contestant === name)
    const of = (pick: (round: Round) => number): number => median(own.map(pick))
    return {
      contestant: name,
      'badge p50 ms': round2(of(({ badge }) => badge.p50)),
      'badge p99 ms': round2(of(({ badge }) => badge.p99)),
      'p99 of rounds': own.map(({ badge }) => round2(badge.p99)).join(' / '),
      'ack p50 ms': round2(of(({ ack }) => ack.p50)),
      'ack p99 ms': round2(of(({ ack }) => ack.p99)),
      'messages/s': Math.round(of(({ acknowledgedPerSecond }) => acknowledgedPerSecond)),
      lost: own.reduce((sum, { sent, acknowledged }) => sum + sent - acknowledged, 0),
      'wrong badges': own.reduce((sum, { wrong, missing }) => sum + (wrong ?? 0) + missing, 0),
      'server cpu s': round2(of(({ serverCpu }) => serverCpu)),
      'generator cpu': round2(of(({ generatorCpu }) => generatorCpu)),
      'generator lag ms': round2(of(({ worstLagMs }) => worstLagMs)),
    }
  })
  console.log(
    `\n${PAIRS * 2} people in ${PAIRS} rooms, ${PER_SECOND} messages/s for ${SECONDS} s, ${ROUNDS} rounds, medians`,
  )
  console.table(rows)
  const [ours, theirs] = rows
  if (ours === undefined || theirs === undefined) return
  const ratio = (key: 'badge p50 ms' | 'badge p99 ms'): string => (theirs[key] / ours[key]).toFixed(1)
  console.log(
    `sequential takes ${ratio('badge p50 ms')} x as long at p50 and ${ratio('badge p99 ms')} x at p99`,
  )
}

function failuresOf(rounds: readonly Round[]): string[] {
  const own = rounds.filter(({ contestant }) => contestant === tally.name)
  const p50 = median(own.map(({ badge }) => badge.p50))
  const p99 = median(own.map(({ badge }) => badge.p99))
  const wrong = own.reduce((sum, round) => sum + (round.wrong ?? 0) + round.missing, 0)
  const lost = own.reduce((sum, { sent, acknowledged }) => sum + sent - acknowledged, 0)
  const failures: string[] = []
  if (!(p50 < BARS.p50Ms)) failures.push(`badge p50 ${round2(p50)} ms, the bar is ${BARS.p50Ms} ms`)
  if (!(p99 < BARS.p99Ms)) failures.push(`badge p99 ${round2(p99)} ms, the bar is ${BARS.p99Ms} ms`)
  if (wrong > 0) failures.push(`${wrong} badges were wrong`)
  if (lost > 0) failures.push(`${lost} messages were not acknowledged`)
  return failures
}

function progress(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`)
}

function round2(value: number): number {
  return Math.round(value * 100) / 100
}
