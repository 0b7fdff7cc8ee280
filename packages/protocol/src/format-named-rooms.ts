import type { z } from 'zod'
import type { NamedRoom, OpenRoom } from './sync.ts'

/** The `rooms` of a sync query. */
export function formatNamedRooms(rooms: readonly z.input<typeof NamedRoom>[]): string {
  return rooms.map(({ roomId, change }) => `${encodeURIComponent(roomId)}:${change}`).join(',')
}

/** The `open` of a sync query. */
export function formatOpenRooms(rooms: readonly z.input<typeof OpenRoom>[]): string {
  return rooms.map(({ roomId, readEpoch }) => `${encodeURIComponent(roomId)}:${readEpoch}`).join(',')
}
