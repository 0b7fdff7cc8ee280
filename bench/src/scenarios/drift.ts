import { setTimeout as delay } from 'node:timers/promises'
import type { Person } from '../load/people.ts'
import { progress } from '../report/progress.ts'
import type { Result } from '../report/result.ts'
import { type Contestant, naiveRedis, tallyNodes } from '../servers/contestants.ts'
import { makePeople } from '../servers/host-api.ts'
import { WireSocket } from '../wire/wire-socket.ts'
import { chosen, type Scenario, type Surroundings } from './scenario.ts'

const PROCESSES = 4
const AT_ONCE = 64
/** A total that is not right this long after the last acknowledgement stays wrong until the next message. */
const SETTLED_MS = 1_000
const POLL_MS = 10
const CANDIDATES = [tallyNodes(PROCESSES), naiveRedis]

export const drift: Scenario = {
  name: 'drift',
  about:
    '64 people write to one person at the same moment from 4 processes, 1,000 times: how often the total is wrong',
  expectedSeconds: { once: 45, perRound: 0 },
  run,
}

type Drift = { contestant: string; rounds: number; wrong: number; tookMs: number }

async function run(surroundings: Surroundings): Promise<Result> {
  const rounds = surroundings.options.isShort ? 5 : Math.round(1_000 * surroundings.options.scale)
  const measured: Drift[] = []
  for (const contestant of chosen(CANDIDATES, surroundings.options)) {
    // A round that ends wrong takes a second: fewer are enough to see how often that is.
    const own = contestant.isTally ? rounds : Math.ceil(rounds / 10)
    const result = await measure(surroundings, contestant, own)
    progress(`drift ${contestant.name}: ${result.wrong} of ${own} wrong`)
    measured.push(result)
  }
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
              promise: `wrong totals 0 of ${rounds.toLocaleString('en-US')} rounds`,
              measured: `${ours.wrong}`,
              held: ours.wrong === 0,
            },
          ],
    tables: [
      {
        caption: 'Rounds after which the total was wrong',
        head: ['', 'wrong', 'rounds'],
        rows: measured.map((one) => [`\`${one.contestant}\``, one.wrong, one.rounds]),
      },
    ],
    plots: [],
    notes: [],
    voidBecause: [],
    figures: measured,
  }
}

function measure({ storages }: Surroundings, contestant: Contestant, rounds: number): Promise<Drift> {
  return storages.lend(async (storage) => {
    const running = await contestant.start(storage, {}, PROCESSES)
    try {
      const [target, ...writers] = await makePeople(AT_ONCE + 1, 'drifter')
      if (target === undefined) throw new Error('there is nobody')
      const urls = running.servers.map(({ url }) => url)
      const rooms = await contestant.makeRooms(
        urls[0] ?? '',
        writers.map(({ userId }) => [target.userId, userId]),
      )
      const sockets = await Promise.all(
        [target, ...writers].map((person, index) => open(urls, person, index)),
      )
      const [reader, ...senders] = sockets
      if (reader === undefined) throw new Error('there is nobody')
      const startMs = performance.now()
      let wrong = 0
      for (let round = 1; round <= rounds; round += 1) {
        await Promise.all(
          senders.map((socket, index) => {
            const clientId = `${round}-${index}`
            return socket.ask('send-message', {
              roomId: rooms[index] ?? '',
              message: `round ${round}`,
              clientId,
            })
          }),
        )
        if (!(await becomes(reader, round * AT_ONCE))) wrong += 1
      }
      for (const socket of sockets) socket.close()
      return { contestant: contestant.name, rounds, wrong, tookMs: performance.now() - startMs }
    } finally {
      await running.stop()
    }
  })
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
