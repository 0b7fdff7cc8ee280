import type { z } from 'zod'
import type { NamedRoom } from './sync.ts'

/** The `rooms` of a sync query. */
export function formatNamedRooms(rooms: readonly z.input<typeof NamedRoom>[]): string {
  return rooms.map(({ roomId, change }) => `${encodeURIComponent(roomId)}:${change}`).join(',')
}
