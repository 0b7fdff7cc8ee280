import { setTimeout as delay } from 'node:timers/promises'
import type { Person } from '../load/people.ts'
import { barPlot } from '../report/bar-plot.ts'
import { progress } from '../report/progress.ts'
import type { Result } from '../report/result.ts'
import { type Contestant, naiveRedis, tallyNodes } from '../servers/contestants.ts'
import { makePeople } from '../servers/host-api.ts'
import { WireSocket } from '../wire/wire-socket.ts'
import { type Oracle, oracleBar } from './oracle.ts'
import { chosen, rotated, type Scenario, type Surroundings } from './scenario.ts'
import { withTally } from './with-tally.ts'

const PROCESSES = 4
const AT_ONCE = 64
/** A total that is not right this long after the last acknowledgement stays wrong until the next message. */
const SETTLED_MS = 1_000
const POLL_MS = 10
const CANDIDATES = [tallyNodes(PROCESSES), naiveRedis]
const TURNS = 3

export const drift: Scenario = {
  name: 'drift',
  about:
    '64 people write to one person at the same moment from 4 processes, 1,000 times: how often the total is wrong',
  expectedSeconds: { once: 62, perRound: 0 },
  run,
}

type Drift = { contestant: string; rounds: number; wrong: number; tookMs: number; oracles: readonly Oracle[] }

async function run(surroundings: Surroundings): Promise<Result> {
  const { options } = surroundings
  const turns = options.isShort ? 1 : TURNS
  const rounds = Math.ceil((options.isShort ? 5 : 1_000 * options.scale) / turns)
  const each: Drift[] = []
  for (let turn = 1; turn <= turns; turn += 1) {
    for (const contestant of rotated(chosen(CANDIDATES, options), turn)) {
      // A round that ends wrong takes a second: fewer are enough to see how often that is.
      const own = contestant.isTally ? rounds : Math.ceil(rounds / 10)
      const drift = await measure(surroundings, contestant, own)
      progress(`drift ${contestant.name}, ${turn} of ${turns}: ${drift.wrong} of ${own} wrong`)
      each.push(drift)
    }
  }
  return resultOf(each)
}

function resultOf(each: readonly Drift[]): Result {
  const measured = [...Map.groupBy(each, ({ contestant }) => contestant)].map(([contestant, turns]) => ({
    contestant,
    rounds: turns.reduce((sum, turn) => sum + turn.rounds, 0),
    wrong: turns.reduce((sum, turn) => sum + turn.wrong, 0),
    oracles: turns.flatMap(({ oracles }) => oracles),
  }))
  const ours = measured.find(({ contestant }) => contestant.startsWith('tally'))
  return {
    scenario: 'drift',
    title: '64 at once at one person',
    what: `${PROCESSES} processes; ${AT_ONCE} people, each in a room of their own with one person, write at the same moment; the person's total once all are acknowledged, or a second later.`,
    highlights: [
      `${AT_ONCE} people write to one at the same moment, through ${PROCESSES} processes: the total was wrong ${measured.map(({ contestant, wrong, rounds: of }) => `${wrong} times of ${of.toLocaleString('en-US')} with \`${contestant}\``).join(', ')}.`,
    ],
    bars:
      ours === undefined
        ? []
        : [
            {
              mustHold: true,
              promise: `wrong totals 0 of ${ours.rounds.toLocaleString('en-US')} rounds`,
              measured: `${ours.wrong}`,
              held: ours.wrong === 0,
            },
            oracleBar(ours.oracles),
          ],
    tables: [
      {
        caption: 'Rounds after which the total was wrong',
        head: ['', 'wrong', 'rounds'],
        rows: measured.map((one) => [`\`${one.contestant}\``, one.wrong, one.rounds.toLocaleString('en-US')]),
      },
    ],
    plots: [
      barPlot(
        {
          ...{ name: 'drift', title: 'Wrong totals, of 1,000 rounds', label: 'wrong totals of 1,000 rounds' },
          strong: ours === undefined ? [] : [ours.contestant],
        },
        measured.map(({ contestant, wrong, rounds: of }) => [contestant, (wrong / of) * 1_000]),
      ),
    ],
    notes: [],
    voidBecause: [],
    figures: each,
  }
}

async function measure(surroundings: Surroundings, contestant: Contestant, rounds: number): Promise<Drift> {
  const { result, oracles } = await withTally(
    surroundings,
    ({ running }) =>
      writeAtOnce(
        contestant,
        running.servers.map(({ url }) => url),
        rounds,
      ),
    { contestant, processes: PROCESSES },
  )
  return { contestant: contestant.name, rounds, ...result, oracles }
}

async function writeAtOnce(
  contestant: Contestant,
  urls: readonly string[],
  rounds: number,
): Promise<Pick<Drift, 'wrong' | 'tookMs'>> {
  const [target, ...writers] = await makePeople(AT_ONCE + 1, 'drifter')
  if (target === undefined) throw new Error('there is nobody')
  const rooms = await contestant.makeRooms(
    urls[0] ?? '',
    writers.map(({ userId }) => [target.userId, userId]),
  )
  const sockets = await Promise.all([target, ...writers].map((person, index) => open(urls, person, index)))
  const [reader, ...senders] = sockets
  if (reader === undefined) throw new Error('there is nobody')
  const startMs = performance.now()
  let wrong = 0
  for (let round = 1; round <= rounds; round += 1) {
    await Promise.all(
      senders.map((socket, index) => {
        const message = { roomId: rooms[index] ?? '', message: `round ${round}` }
        return socket.ask('send-message', { ...message, clientId: `${round}-${index}` })
      }),
    )
    if (!(await becomes(reader, round * AT_ONCE))) wrong += 1
  }
  for (const socket of sockets) socket.close()
  return { wrong, tookMs: performance.now() - startMs }
}

function open(urls: readonly string[], { token }: Person, index: number): Promise<WireSocket> {
  return WireSocket.open({ url: urls[index % urls.length] ?? '', token, onEvent: () => {} })
}

async function becomes(reader: WireSocket, expected: number): Promise<boolean> {
  const deadlineMs = performance.now() + SETTLED_MS
  for (;;) {
    const { badge } = await reader.ask<{ badge: { total: number } }>('sync', {})
    if (badge.total === expected) return true
    if (performance.now() > deadlineMs) return false
    await delay(POLL_MS)
  }
}
