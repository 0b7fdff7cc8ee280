import { SignJWT } from 'jose'
import { inBatches, type Person } from '../load/people.ts'

/** What every contestant is told, so that the same tokens and the same host are good everywhere. */
export const JWT_SECRET = 'a secret of the bench, forty characters long'
export const API_KEY = 'bench-key-of-32-characters-length'
const REQUESTS_AT_ONCE = 20

/** People whose tokens every contestant accepts. */
export function makePeople(count: number, name = 'person'): Promise<Person[]> {
  const userIds = Array.from({ length: count }, (_, index) => `${name}-${index}`)
  return Promise.all(userIds.map(personOf))
}

/** Somebody with a token of their own. */
export async function personOf(userId: string): Promise<Person> {
  return { userId, token: await tokenFor(userId) }
}

function tokenFor(userId: string): Promise<string> {
  return new SignJWT({ name: userId })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setIssuedAt()
    .setExpirationTime('12h')
    .sign(Buffer.from(JWT_SECRET))
}

/** Asks as the host's own server does. */
export async function post<T>(url: string, body: unknown): Promise<T> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': API_KEY },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as T
}

/** Asks as a person does. */
export async function get<T>(url: string, { token }: Person): Promise<T> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as T
}

/** Rooms of Tally, in the order of their members. @returns their ids. */
export function makeRooms(url: string, rooms: readonly (readonly string[])[]): Promise<string[]> {
  const make = async (memberIds: readonly string[]): Promise<string> => {
    const kind = memberIds.length === 2 ? 'direct' : 'group'
    return (await post<{ id: string }>(`${url}/v1/rooms`, { kind, memberIds })).id
  }
  return inBatches(rooms, make, REQUESTS_AT_ONCE)
}

/** Rooms of a baseline. */
export async function makeBaselineRooms(
  url: string,
  rooms: readonly (readonly string[])[],
): Promise<string[]> {
  const named = rooms.map((userIds, index) => ({ roomId: `room-${index}`, userIds }))
  await post(`${url}/rooms`, named)
  return named.map(({ roomId }) => roomId)
}
