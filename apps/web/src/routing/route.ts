/** Every place of the app that has an address. */
export type Route =
  | { page: 'chats' }
  | { page: 'room'; roomId: string }
  | { page: 'demo' }
  | { page: 'design' }
  | { page: 'unknown' }

/** The place at a path; anything that is not a path of ours is `unknown`, never an error. */
export function routeOf(path: string): Route {
  const [first, second, ...rest] = path.split('/').filter((part) => part !== '')
  if (first === undefined) return { page: 'chats' }
  if (rest.length > 0) return { page: 'unknown' }
  if (first === 'rooms' && second !== undefined) {
    const roomId = decode(second)
    return roomId === undefined ? { page: 'unknown' } : { page: 'room', roomId }
  }
  if (second === undefined && (first === 'demo' || first === 'design')) return { page: first }
  return { page: 'unknown' }
}

export function roomPath(roomId: string): string {
  return `/rooms/${encodeURIComponent(roomId)}`
}

function decode(component: string): string | undefined {
  try {
    return decodeURIComponent(component)
  } catch {
    return undefined
  }
}
