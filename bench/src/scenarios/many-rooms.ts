import { setTimeout as delay } from 'node:timers/promises'
import type { Person } from '../load/people.ts'
import { latencies } from '../measure/percentiles.ts'
import { growthPlot } from '../report/growth-plot.ts'
import { progress } from '../report/progress.ts'
import type { Result } from '../report/result.ts'
import { makePeople } from '../servers/host-api.ts'
import { seedPeople, seedRooms, withDatabase } from '../servers/seed.ts'
import { HttpConnection } from '../wire/http-connection.ts'
import { eventName, type Frame, isEvent, textAt, WireSocket } from '../wire/wire-socket.ts'
import { type BySize, flatBar } from './flatness.ts'
import { type Oracle, oracleBar } from './oracle.ts'
import type { Scenario, Surroundings } from './scenario.ts'
import { type Lent, withTally } from './with-tally.ts'

const SIZES = [1, 100, 1_000, 10_000]
const ROW = eventName('chat-room-updated')
const ROOM = Buffer.from('"roomId":')
/** Apart by more than badges are held back, so that each goes out at once. */
const SPACING_MS = 60
const DEADLINE_MS = 10_000

export const manyRooms: Scenario = {
  name: 'many-rooms',
  about: 'people with 1 to 10,000 rooms: reading the badge, and the badge of a new message',
  expectedSeconds: { once: 19, perRound: 0 },
  run,
}

type Times = Map<number, number[]>

async function run(surroundings: Surroundings): Promise<Result> {
  const { isShort, scale } = surroundings.options
  const sizes = isShort ? [1, 10] : SIZES
  const { result, oracles } = await withTally(surroundings, async (lent) => {
    const readers = await makePeople(sizes.length, 'reader')
    const [writer] = await makePeople(1, 'writer')
    if (writer === undefined) throw new Error('somebody has to write')
    await seed(lent, { sizes, readers, writer })
    progress('many rooms: seeded')
    const reads = await measureReads(lent, {
      sizes,
      readers,
      count: isShort ? 20 : Math.round(1_500 * scale),
    })
    const updates = await measureUpdates(lent, {
      sizes,
      readers,
      writer,
      count: isShort ? 5 : Math.round(150 * scale),
    })
    return { reads: latenciesOf(reads), updates: latenciesOf(updates) }
  })
  return resultOf({ ...result, oracles })
}

const roomOf = (size: number, index: number): string => `of-${size}-${index}`

async function seed(
  { storage }: Lent,
  { sizes, readers, writer }: { sizes: readonly number[]; readers: readonly Person[]; writer: Person },
): Promise<void> {
  await withDatabase(storage.databaseUrl, async (database) => {
    await seedPeople(
      database,
      [...readers, writer].map(({ userId }) => userId),
    )
    for (const [position, size] of sizes.entries()) {
      const userIds = [readers[position]?.userId ?? '', writer.userId]
      await seedRooms(
        database,
        Array.from({ length: size }, (_, index) => ({ roomId: roomOf(size, index), userIds })),
      )
    }
    await database.query('analyze')
  })
}

/** `GET /v1/badge`, one after the other, the sizes in turns. */
async function measureReads(
  { url }: Lent,
  { sizes, readers, count }: { sizes: readonly number[]; readers: readonly Person[]; count: number },
): Promise<Times> {
  const connections = readers.map(({ token }) => new HttpConnection({ url, token }))
  const times: Times = new Map(sizes.map((size) => [size, []]))
  for (let read = -count / 5; read < count; read += 1) {
    for (const [position, size] of sizes.entries()) {
      const startedMs = performance.now()
      const answer = await connections[position]?.get('/v1/badge')
      if (answer?.status !== 200) throw new Error(`GET /v1/badge answered ${answer?.status}`)
      // The first fifth is for the compiler, and for warming the ledger.
      if (read >= 0) times.get(size)?.push(performance.now() - startedMs)
    }
  }
  for (const connection of connections) connection.close()
  return times
}

/** A message into one of their rooms, until its row is there. */
async function measureUpdates(
  { url }: Lent,
  {
    sizes,
    readers,
    writer,
    count,
  }: { sizes: readonly number[]; readers: readonly Person[]; writer: Person; count: number },
): Promise<Times> {
  let awaited: { roomId: string; resolve: () => void } | undefined
  const onEvent = (frame: Frame): void => {
    if (isEvent(frame, ROW) && textAt(frame, ROOM) === awaited?.roomId) awaited?.resolve()
  }
  const sockets = await Promise.all(readers.map(({ token }) => WireSocket.open({ url, token, onEvent })))
  const sender = await WireSocket.open({ url, token: writer.token, onEvent: () => {} })
  const times: Times = new Map(sizes.map((size) => [size, []]))
  for (let update = -Math.ceil(count / 5); update < count; update += 1) {
    for (const size of sizes) {
      const roomId = roomOf(size, Math.abs(update * 7_919) % size)
      const arrived = new Promise<void>((resolve) => {
        awaited = { roomId, resolve }
      })
      const startedMs = performance.now()
      sender.request(
        'send-message',
        { roomId, message: `update ${update}`, clientId: `${size}-${update}` },
        () => {},
      )
      const isHere = await Promise.race([arrived.then(() => true), delay(DEADLINE_MS, false)])
      if (!isHere) throw new Error(`the badge of somebody with ${size} rooms did not come`)
      if (update >= 0) times.get(size)?.push(performance.now() - startedMs)
      await delay(SPACING_MS / sizes.length)
    }
  }
  for (const socket of [...sockets, sender]) socket.close()
  return times
}

function resultOf({
  reads,
  updates,
  oracles,
}: {
  reads: BySize
  updates: BySize
  oracles: readonly Oracle[]
}): Result {
  const row = (name: string, times: BySize): (string | number)[][] =>
    [...times].map(([size, { p50, p99 }]) => [
      name,
      size.toLocaleString('en-US'),
      `${p50.toFixed(2)} ms`,
      `${p99.toFixed(2)} ms`,
    ])
  return {
    scenario: 'many-rooms',
    title: 'People with many rooms',
    what: 'The same for people with 1 to 10,000 rooms, in turns: `GET /v1/badge`, and a message into one of their rooms until its badge is there.',
    bars: [flatBar('badge read', reads), flatBar('badge update', updates), oracleBar(oracles)],
    tables: [
      {
        caption: 'By rooms',
        head: ['', 'rooms', 'p50', 'p99'],
        rows: [...row('read', reads), ...row('update', updates)],
      },
    ],
    plots: [
      growthPlot(
        { name: 'many-rooms', title: 'How long badges take for people with many rooms', label: 'rooms' },
        new Map([
          ['read', reads],
          ['update', updates],
        ]),
      ),
    ],
    notes: [],
    voidBecause: [],
    figures: { reads: Object.fromEntries(reads), updates: Object.fromEntries(updates), oracles },
  }
}

function latenciesOf(times: Times): BySize {
  return new Map([...times].map(([size, samples]) => [size, latencies(samples)]))
}
