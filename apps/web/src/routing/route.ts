import type { RoomId, Seq } from '@tally/protocol'

/** Every place of the app that has an address. */
export type Route =
  | { page: 'chats' }
  /** `seq`: the message it opens at. */
  | { page: 'room'; roomId: RoomId; seq?: Seq }
  | { page: 'demo' }
  | { page: 'design' }
  | { page: 'unknown' }

/** A room that is open, and where in it. */
export type RoomPlace = Extract<Route, { page: 'room' }>

/** The place at a path; anything that is not a path of ours is `unknown`, never an error. */
export function routeOf(path: string): Route {
  const [first, second, third, ...rest] = path.split('/').filter((part) => part !== '')
  if (first === undefined) return { page: 'chats' }
  if (rest.length > 0) return { page: 'unknown' }
  if (first === 'r' && second !== undefined) {
    const roomId = decode(second)
    if (roomId === undefined) return { page: 'unknown' }
    if (third === undefined) return { page: 'room', roomId: roomId as RoomId }
    if (!/^[1-9]\d{0,14}$/.test(third)) return { page: 'unknown' }
    return { page: 'room', roomId: roomId as RoomId, seq: Number(third) as Seq }
  }
  if (third !== undefined) return { page: 'unknown' }
  if (second === undefined && (first === 'demo' || first === 'design')) return { page: first }
  return { page: 'unknown' }
}

/** The address of a room, or of one of its messages. */
export function roomPath(roomId: string, seq?: number): string {
  const room = `/r/${encodeURIComponent(roomId)}`
  return seq === undefined ? room : `${room}/${seq}`
}

function decode(component: string): string | undefined {
  try {
    return decodeURIComponent(component)
  } catch {
    return undefined
  }
}
