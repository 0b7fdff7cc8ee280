import { SignJWT } from 'jose'
import type { DeviceSpec, Style } from '../crowd/crowd-job.ts'

export const JWT_SECRET = 'a secret of the chaos, forty characters long'
export const API_KEY = 'chaos-key-of-32-characters-length'

/** Somebody, and the rooms they are in: the first is the one they look at now and then, if they do. */
export type Person = { userId: string; token: string; roomIds: string[] }

/** A room to be made, with its members. */
export type PlannedRoom = { key: string; userIds: string[] }

const STYLES: readonly Style[] = ['sdk', 'app', 'poll', 'sdk', 'app']
/** Every so many people somebody looks at a room now and then. */
const LOOKS_EVERY = 4
/** Every so many people somebody has a second device. */
const SECOND_DEVICE_EVERY = 5

/** Pairs, and groups whose members are in different pairs. */
export function planRooms(userIds: readonly string[], groupSize: number): PlannedRoom[] {
  const rooms: PlannedRoom[] = []
  for (let index = 0; index + 1 < userIds.length; index += 2) {
    rooms.push({ key: `pair-${index / 2}`, userIds: userIds.slice(index, index + 2) })
  }
  const groups = Math.max(1, Math.floor(userIds.length / groupSize))
  for (let group = 0; group < groups; group += 1) {
    const members = userIds.filter((_, index) => index % groups === group)
    if (members.length > 1) rooms.push({ key: `group-${group}`, userIds: members })
  }
  return rooms
}

export function makePeople(count: number): Promise<Person[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const userId = `person-${String(index).padStart(5, '0')}`
      return { userId, token: await tokenFor(userId), roomIds: [] }
    }),
  )
}

/** All styles in turn, for one device in so many; lean ones between them. */
export function stylesOneIn(every: number): Style[] {
  return STYLES.flatMap((style) => [style, ...Array.from({ length: every - 1 }, (): Style => 'lean')])
}

/** The devices of everybody: each has one, some have another, and they speak different protocols. */
export function devicesOf(people: readonly Person[], styles: readonly Style[]): DeviceSpec[] {
  return people.flatMap((person, index) => {
    const first = deviceOf(person, { style: styles[index % styles.length] ?? 'sdk', number: 1 })
    const [frontRoomId] = person.roomIds
    const looks = index % LOOKS_EVERY === 0 && frontRoomId !== undefined
    const devices = [looks ? { ...first, frontRoomId } : first]
    if (index % SECOND_DEVICE_EVERY === 0) {
      devices.push(deviceOf(person, { style: styles[(index + 1) % styles.length] ?? 'sdk', number: 2 }))
    }
    return devices
  })
}

/** One more device of this person. */
export function deviceOf(
  { userId, token, roomIds }: Person,
  { style, number }: { style: Style; number: number },
): DeviceSpec {
  return { deviceId: `${userId}/${style}-${number}`, userId, token, style, roomIds }
}

function tokenFor(userId: string): Promise<string> {
  return new SignJWT({ name: userId })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setIssuedAt()
    .setExpirationTime('6h')
    .sign(new TextEncoder().encode(JWT_SECRET))
}
