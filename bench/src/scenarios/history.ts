import { type Latencies, latencies } from '../measure/percentiles.ts'
import { growthPlot } from '../report/growth-plot.ts'
import { progress } from '../report/progress.ts'
import type { Result } from '../report/result.ts'
import { makePeople } from '../servers/host-api.ts'
import { seedHistory, seedPeople, seedRooms, withDatabase } from '../servers/seed.ts'
import { HttpConnection } from '../wire/http-connection.ts'
import { WireSocket } from '../wire/wire-socket.ts'
import { type BySize, flatBar } from './flatness.ts'
import { type Oracle, oracleBar } from './oracle.ts'
import type { Scenario, Surroundings } from './scenario.ts'
import { type Lent, withTally } from './with-tally.ts'

const SIZES = [1_000, 10_000, 100_000, 1_000_000]
/** With `--large` only: seeding it takes minutes. */
const LARGEST = 10_000_000
const SHORT = { sizes: [600, 2_000], largest: 20_000 }
/** How far back somebody has read. */
const UNREAD = 500

export const history: Scenario = {
  name: 'history',
  about: 'rooms with a thousand to a million messages (--large: ten million): sending, opening, paging',
  expectedSeconds: { once: 17, perRound: 0 },
  run,
}

const ACTIONS = ['send', 'open at the first unread', 'page in the middle'] as const
/** What is kept of it for others to compute with. */
export type HistoryFigures = { bytesPerMessage: number }

type Times = Map<(typeof ACTIONS)[number], Map<number, number[]>>

async function run(surroundings: Surroundings): Promise<Result> {
  const { isShort, isLarge } = surroundings.options
  const { sizes: always, largest } = isShort ? SHORT : { sizes: SIZES, largest: LARGEST }
  const sizes = isLarge ? [...always, largest] : always
  const { result, oracles } = await withTally(surroundings, async (lent) => {
    const [reader, writer] = await makePeople(2, 'reader')
    if (reader === undefined || writer === undefined) throw new Error('two people are needed')
    await seed(lent, { sizes, userIds: [reader.userId, writer.userId] })
    const bytesPerMessage = await measureBytes(lent)
    const times = await measure(lent, {
      sizes,
      tokens: [reader.token, writer.token],
      count: isShort ? 10 : 200,
    })
    return { times: latenciesOf(times), bytesPerMessage }
  })
  return resultOf({ ...result, oracles })
}

const roomOf = (size: number): string => `history-${size}`

async function seed(
  { storage }: Lent,
  { sizes, userIds: [reader, writer] }: { sizes: readonly number[]; userIds: [string, string] },
): Promise<void> {
  await withDatabase(storage.databaseUrl, async (database) => {
    await seedPeople(database, [reader, writer])
    await seedRooms(
      database,
      sizes.map((size) => ({ roomId: roomOf(size), userIds: [reader, writer] })),
    )
    for (const size of sizes) {
      const startMs = performance.now()
      await seedHistory(database, { roomId: roomOf(size), senderId: writer, count: size })
      await database.query(
        'update members set read_seq = $2, settled = $2 where room_id = $1 and user_id = $3',
        [roomOf(size), size - UNREAD, reader],
      )
      progress(`history: ${size} messages seeded in ${((performance.now() - startMs) / 1_000).toFixed(0)} s`)
    }
    await database.query('vacuum analyze')
  })
}

/** What a message takes in the database, indexes included. */
async function measureBytes({ storage }: Lent): Promise<number> {
  return withDatabase(storage.databaseUrl, async (database) => {
    const { rows } = await database.query<{ bytes: number }>(
      `select (pg_total_relation_size('messages') / greatest(1, (select count(*) from messages)))::float8 as bytes`,
    )
    return rows[0]?.bytes ?? Number.NaN
  })
}

/** Everything in turns, room after room. */
async function measure(
  { url }: Lent,
  {
    sizes,
    tokens: [readerToken, writerToken],
    count,
  }: { sizes: readonly number[]; tokens: [string, string]; count: number },
): Promise<Times> {
  const times: Times = new Map(ACTIONS.map((action) => [action, new Map(sizes.map((size) => [size, []]))]))
  const reading = new HttpConnection({ url, token: readerToken })
  const reader = await WireSocket.open({ url, token: readerToken, onEvent: () => {} })
  const writer = await WireSocket.open({ url, token: writerToken, onEvent: () => {} })
  const page = async (path: string): Promise<void> => {
    const { status } = await reading.get(path)
    if (status !== 200) throw new Error(`${path} answered ${status}`)
  }
  for (let turn = -Math.ceil(count / 5); turn < count; turn += 1) {
    for (const size of sizes) {
      const roomId = roomOf(size)
      const actions: Record<(typeof ACTIONS)[number], () => Promise<unknown>> = {
        send: () =>
          writer.ask('send-message', { roomId, message: `after ${size}`, clientId: `${size}-${turn}` }),
        'open at the first unread': async () => {
          await reader.ask('join-room', { roomId, read: false })
          await page(`/v1/rooms/${roomId}/messages?after=${size - UNREAD}&limit=50`)
        },
        'page in the middle': () =>
          page(`/v1/rooms/${roomId}/messages?before=${Math.floor(size / 2)}&limit=50`),
      }
      for (const action of ACTIONS) {
        const startedMs = performance.now()
        await actions[action]()
        if (turn >= 0)
          times
            .get(action)
            ?.get(size)
            ?.push(performance.now() - startedMs)
      }
      await reader.ask('leave-room', { roomId })
    }
  }
  reader.close()
  writer.close()
  reading.close()
  return times
}

function resultOf({
  times,
  bytesPerMessage,
  oracles,
}: {
  times: ReadonlyMap<string, BySize>
  bytesPerMessage: number
  oracles: readonly Oracle[]
}): Result {
  const [first = new Map<number, Latencies>()] = times.values()
  const sizes = [...first.keys()]
  const longest = Math.max(...sizes)
  return {
    scenario: 'history',
    title: 'Rooms with a long history',
    what: `Sending, opening the room at the first of ${UNREAD} unread messages, and a page in the middle of the history, in turns on rooms of different length.`,
    bars: [
      ...[...times].map(([action, bySize]) =>
        flatBar(`${action}, up to ${longest.toLocaleString('en-US')} messages:`, bySize),
      ),
      oracleBar(oracles),
    ],
    tables: [
      {
        caption: 'p50 / p99 by messages in the room',
        head: ['', ...sizes.map((size) => size.toLocaleString('en-US'))],
        rows: [...times].map(([action, bySize]) => [
          action,
          ...[...bySize.values()].map(({ p50, p99 }) => `${p50.toFixed(2)} / ${p99.toFixed(2)} ms`),
        ]),
      },
    ],
    plots: [
      growthPlot(
        {
          ...{ name: 'history', title: 'How long things take in a room with a long history' },
          label: 'messages in the room',
        },
        times,
      ),
    ],
    notes: [
      `A message takes ${Math.round(bytesPerMessage)} bytes of the database, indexes included.`,
      ...(first.has(LARGEST)
        ? []
        : ['A room of ten million takes minutes to fill: `npm run bench -- history --large --report`.']),
    ],
    voidBecause: [],
    figures: {
      bytesPerMessage,
      actions: Object.fromEntries([...times].map(([action, bySize]) => [action, Object.fromEntries(bySize)])),
      oracles,
    },
  }
}

function latenciesOf(times: Times): Map<string, BySize> {
  return new Map(
    [...times].map(([action, bySize]) => [
      action,
      new Map([...bySize].map(([size, samples]) => [size, latencies(samples)])),
    ]),
  )
}
