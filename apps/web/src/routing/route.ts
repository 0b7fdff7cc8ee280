import type { RoomId } from '@tally/protocol'

/** Every place of the app that has an address. */
export type Route =
  | { page: 'chats' }
  | { page: 'room'; roomId: RoomId }
  | { page: 'demo' }
  | { page: 'design' }
  | { page: 'unknown' }

/** The place at a path; anything that is not a path of ours is `unknown`, never an error. */
export function routeOf(path: string): Route {
  const [first, second, ...rest] = path.split('/').filter((part) => part !== '')
  if (first === undefined) return { page: 'chats' }
  if (rest.length > 0) return { page: 'unknown' }
  if (first === 'r' && second !== undefined) {
    const roomId = decode(second)
    return roomId === undefined ? { page: 'unknown' } : { page: 'room', roomId: roomId as RoomId }
  }
  if (second === undefined && (first === 'demo' || first === 'design')) return { page: first }
  return { page: 'unknown' }
}

export function roomPath(roomId: string): string {
  return `/r/${encodeURIComponent(roomId)}`
}

function decode(component: string): string | undefined {
  try {
    return decodeURIComponent(component)
  } catch {
    return undefined
  }
}
