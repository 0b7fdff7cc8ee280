import { join } from 'node:path'
import { SignJWT } from 'jose'
import type { PairPerson, PairsJob } from '../load/pairs.ts'
import { type ChildServer, startServer } from './child-server.ts'

/** A server that can take the load, and how it is filled and checked. */
export type Contestant = {
  name: string
  start: (databaseUrl: string) => Promise<ChildServer>
  /** Makes the rooms and answers their ids, in the order of the pairs. */
  createRooms: (url: string, pairs: readonly [PairPerson, PairPerson][]) => Promise<string[]>
  /** Compares what everybody saw last with the truth of the database; how many are wrong. */
  wrongBadges?: (url: string, pairs: PairsJob['pairs']) => Promise<number>
}

const ROOT = join(import.meta.dirname, '../../..')
const JWT_SECRET = 'a secret of the bench, forty characters long'
const API_KEY = 'bench-key-of-32-characters-length'
const REQUESTS_AT_ONCE = 20

export const tally: Contestant = {
  name: 'tally',
  start: (databaseUrl) =>
    startServer({
      program: join(ROOT, 'packages/server/src/main.ts'),
      env: {
        DATABASE_URL: databaseUrl,
        JWT_SECRET,
        API_KEYS: `bench:${API_KEY}`,
        LOG_LEVEL: 'error',
        HOST: '127.0.0.1',
        // One person reads as fast as it goes, to measure a read.
        TALLY_REQUESTS_PER_SECOND: '100000',
      },
      readyPath: '/health/ready',
    }),
  createRooms: (url, pairs) =>
    inBatches(pairs, async ([a, b]) => {
      const room = await post(`${url}/v1/rooms`, { kind: 'direct', memberIds: [a.userId, b.userId] })
      return room.id as string
    }),
  wrongBadges: async (url, pairs) => {
    const people = pairs.flatMap((pair) => pair.people)
    const wrong = await inBatches(people, async ({ token }) => {
      const answer = await fetch(`${url}/v1/badge/explain`, { headers: { authorization: `Bearer ${token}` } })
      const explained = (await answer.json()) as { verdict?: string }
      return explained.verdict === 'exact' ? 0 : 1
    })
    return wrong.reduce<number>((sum, one) => sum + one, 0)
  },
}

export const sequential: Contestant = {
  name: 'sequential',
  start: (databaseUrl) =>
    startServer({
      program: join(ROOT, 'bench/baselines/sequential.ts'),
      env: { DATABASE_URL: databaseUrl, JWT_SECRET },
      readyPath: '/health/ready',
    }),
  createRooms: async (url, pairs) => {
    const rooms = pairs.map(([a, b], index) => ({ roomId: `room-${index}`, userIds: [a.userId, b.userId] }))
    await post(`${url}/rooms`, rooms)
    return rooms.map(({ roomId }) => roomId)
  },
}

/** People with tokens that every contestant accepts. */
export async function makePairs(count: number): Promise<[PairPerson, PairPerson][]> {
  const person = async (userId: string): Promise<PairPerson> => ({ userId, token: await tokenFor(userId) })
  return Promise.all(
    Array.from(
      { length: count },
      async (_, index): Promise<[PairPerson, PairPerson]> => [
        await person(`seeker-${index}`),
        await person(`company-${index}`),
      ],
    ),
  )
}

export function tokenFor(userId: string): Promise<string> {
  return new SignJWT({ name: userId })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setIssuedAt()
    .setExpirationTime('2h')
    .sign(Buffer.from(JWT_SECRET))
}

export async function post(url: string, body: unknown): Promise<Record<string, unknown>> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': API_KEY },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Record<string, unknown>
}

/** Runs a task for every item, few at a time, answers in order. */
export async function inBatches<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let index = 0; index < items.length; index += REQUESTS_AT_ONCE) {
    results.push(...(await Promise.all(items.slice(index, index + REQUESTS_AT_ONCE).map(task))))
  }
  return results
}
