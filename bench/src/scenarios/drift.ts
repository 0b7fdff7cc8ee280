import { setTimeout as delay } from 'node:timers/promises'
import type { Person } from '../load/people.ts'
import { barPlot } from '../report/bar-plot.ts'
import { progress } from '../report/progress.ts'
import type { Result } from '../report/result.ts'
import { type Contestant, naiveRedis, tallyNodes } from '../servers/contestants.ts'
import { makePeople } from '../servers/host-api.ts'
import { eventName, isEvent, numberAt, WireSocket } from '../wire/wire-socket.ts'
import { type Oracle, oracleBar } from './oracle.ts'
import { chosen, rotated, type Scenario, type Surroundings } from './scenario.ts'
import { withTally } from './with-tally.ts'

const PROCESSES = 4
const AT_ONCE = 64
/**
 * Forgiven is a total that is behind for so long after the last acknowledgement, and nothing else. An acknowledgement says
 * that the message is stored; its badge is merged after the commit, and frames are held back for up to 40 ms to carry
 * several messages. How long it took is told. What is wrong for longer stays wrong until the next message.
 */
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

const TOTAL = eventName('total-unread-count-updated')
const TOTAL_COUNT = Buffer.from('"totalUnreadCount":')

/** How one round ended. */
export type Ended = {
  /** All messages that were accepted so far: what the total has to be. */
  expected: number
  /** The total as the person is told who asks, and as the last frame with one said. */
  asked: number
  pushed: number
  refused: number
  /** From the last answer until both were right, or until nobody waited any longer. */
  settledMs: number
}

/** Sums of rounds. */
export type Faults = {
  wrongAsked: number
  wrongPushed: number
  wrong: number
  refused: number
  settledMs: number
}

type Drift = Faults & { contestant: string; rounds: number; tookMs: number; oracles: readonly Oracle[] }

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
  const measured = [...Map.groupBy(each, ({ contestant }) => contestant)].map(([contestant, turns]) => {
    const sum = (of: (turn: Drift) => number): number => turns.reduce((total, turn) => total + of(turn), 0)
    return {
      contestant,
      rounds: sum(({ rounds }) => rounds),
      wrong: sum(({ wrong }) => wrong),
      wrongAsked: sum(({ wrongAsked }) => wrongAsked),
      wrongPushed: sum(({ wrongPushed }) => wrongPushed),
      refused: sum(({ refused }) => refused),
      settledMs: Math.max(...turns.map(({ settledMs }) => settledMs)),
      oracles: turns.flatMap(({ oracles }) => oracles),
    }
  })
  const ours = measured.find(({ contestant }) => contestant.startsWith('tally'))
  return {
    scenario: 'drift',
    title: '64 at once at one person',
    what: `${PROCESSES} processes; ${AT_ONCE} people, each in a room of their own with one person, write at the same moment. The person's total is asked for, and the last one that was pushed is looked at, once all are acknowledged; both may be behind for a second.`,
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
            {
              mustHold: true,
              promise: 'every message is accepted',
              measured: `${ours.refused} refused`,
              held: ours.refused === 0,
            },
            oracleBar(ours.oracles),
          ],
    tables: [
      {
        caption: 'Rounds after which the total was wrong',
        head: [
          ...['', 'wrong', 'when asked for', 'as pushed', 'rounds', 'messages refused'],
          'slowest to be right',
        ],
        rows: measured.map((one) => [
          ...[`\`${one.contestant}\``, one.wrong, one.wrongAsked, one.wrongPushed],
          ...[one.rounds.toLocaleString('en-US'), one.refused],
          one.wrong > 0 ? 'never' : `${one.settledMs.toFixed(0)} ms`,
        ]),
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
): Promise<Faults & Pick<Drift, 'tookMs'>> {
  const [target, ...writers] = await makePeople(AT_ONCE + 1, 'drifter')
  if (target === undefined) throw new Error('there is nobody')
  const rooms = await contestant.makeRooms(
    urls[0] ?? '',
    writers.map(({ userId }) => [target.userId, userId]),
  )
  const reader = await openReader(urls[0] ?? '', target)
  const senders = await Promise.all(writers.map((person, index) => open(urls, person, index + 1)))
  const startMs = performance.now()
  const ended: Ended[] = []
  let expected = 0
  for (let round = 1; round <= rounds; round += 1) {
    const answers = await Promise.all(
      senders.map((socket, index) => {
        const message = { roomId: rooms[index] ?? '', message: `round ${round}` }
        return socket.ask<{ ok: boolean }>('send-message', { ...message, clientId: `${round}-${index}` })
      }),
    )
    const accepted = answers.filter(({ ok }) => ok).length
    expected += accepted
    // At last when everything is still: a frame that comes late and shows an older total would stay.
    if (round === rounds) await delay(SETTLED_MS)
    ended.push({ ...(await settled(reader, expected)), refused: answers.length - accepted })
  }
  for (const socket of [reader.socket, ...senders]) socket.close()
  return { ...faultsOf(ended), tookMs: performance.now() - startMs }
}

/** Every round whose total was wrong in one way or both. */
export function faultsOf(rounds: readonly Ended[]): Faults {
  const count = (isIt: (ended: Ended) => boolean): number => rounds.filter(isIt).length
  return {
    wrongAsked: count(({ asked, expected }) => asked !== expected),
    wrongPushed: count(({ pushed, expected }) => pushed !== expected),
    wrong: count(({ asked, pushed, expected }) => asked !== expected || pushed !== expected),
    refused: rounds.reduce((sum, { refused }) => sum + refused, 0),
    settledMs: Math.max(...rounds.map(({ settledMs }) => settledMs)),
  }
}

/** Somebody's connection, and the total that their screen shows. */
type Reader = { socket: WireSocket; shown: () => number }

async function openReader(url: string, { token }: Person): Promise<Reader> {
  let total = 0
  const socket = await WireSocket.open({
    ...{ url, token },
    onEvent: (frame) => {
      if (isEvent(frame, TOTAL)) total = numberAt(frame, TOTAL_COUNT) ?? total
    },
  })
  return { socket, shown: () => total }
}

function open(urls: readonly string[], { token }: Person, index: number): Promise<WireSocket> {
  return WireSocket.open({ url: urls[index % urls.length] ?? '', token, onEvent: () => {} })
}

/** Asks and looks until both totals are right, or it takes too long. */
async function settled({ socket, shown }: Reader, expected: number): Promise<Omit<Ended, 'refused'>> {
  const startMs = performance.now()
  for (;;) {
    const { badge } = await socket.ask<{ badge: { total: number } }>('sync', {})
    const settledMs = performance.now() - startMs
    const ended = { expected, asked: badge.total, pushed: shown(), settledMs }
    const isRight = ended.asked === expected && ended.pushed === expected
    if (isRight || settledMs > SETTLED_MS) return ended
    await delay(POLL_MS)
  }
}
