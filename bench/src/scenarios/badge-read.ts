import { latencies } from '../measure/percentiles.ts'
import { inBatches, post, tally, tokenFor } from '../servers/contestants.ts'

const ROOMS = [1, 1_000]
const READS = 2_000
const WARM_UP_READS = 300

/** The time of `GET /v1/badge` for a person in one room and for one in a thousand, taken in turns. */
export async function measureBadgeReads(databaseUrl: string): Promise<void> {
  const server = await tally.start(databaseUrl)
  try {
    const people = await Promise.all(
      ROOMS.map(async (rooms) => ({
        rooms,
        userId: `reader-${rooms}`,
        token: await tokenFor(`reader-${rooms}`),
      })),
    )
    for (const { rooms, userId } of people) {
      await inBatches(
        Array.from({ length: rooms }, (_, index) => index),
        async (index) => {
          const room = await post(`${server.url}/v1/rooms`, {
            kind: 'group',
            memberIds: [userId, `${userId}-friend-${index}`],
          })
          await post(`${server.url}/v1/rooms/${room.id}/system-messages`, { text: 'hello' })
        },
      )
    }
    const samples = new Map<number, number[]>(ROOMS.map((rooms) => [rooms, []]))
    for (let read = 0; read < READS + WARM_UP_READS; read += 1) {
      for (const { rooms, token } of people) {
        const startedMs = performance.now()
        const answer = await fetch(`${server.url}/v1/badge`, {
          headers: { authorization: `Bearer ${token}` },
        })
        await answer.arrayBuffer()
        if (!answer.ok) throw new Error(`GET /v1/badge answered ${answer.status}`)
        if (read >= WARM_UP_READS) samples.get(rooms)?.push(performance.now() - startedMs)
      }
    }
    const rows = people.map(({ rooms }) => ({ rooms, ...latencies(samples.get(rooms) ?? []) }))
    console.log(`\nGET /v1/badge over loopback, ${READS} reads each, in turns`)
    console.table(
      rows.map(({ rooms, p50, p99 }) => ({ rooms, 'p50 ms': p50.toFixed(3), 'p99 ms': p99.toFixed(3) })),
    )
    const [one, many] = rows
    if (one !== undefined && many !== undefined) {
      console.log(`1,000 rooms take ${(many.p50 / one.p50).toFixed(2)} x as long as 1 at p50`)
    }
  } finally {
    await server.stop()
  }
}
