import type { RoomState } from '@tally/client'
import type { UserId } from '@tally/protocol'
import { roomFace } from './room-face.ts'

export const ROOM_FILTERS = ['all', 'unread', 'muted', 'archived'] as const
export type RoomFilter = (typeof ROOM_FILTERS)[number]

/**
 * The rooms of a filter, in the order given. Archived rooms are in their own filter only. While somebody searches, the
 * whole list is searched: a person who looks for a name does not think of filters.
 */
export function filterRooms(
  rooms: readonly RoomState[],
  options: { filter: RoomFilter; query: string; meId: UserId | undefined },
): RoomState[] {
  const query = folded(options.query.trim())
  if (query !== '') return rooms.filter((room) => matches(room, query, options.meId))
  return rooms.filter((room) => belongs(room, options.filter))
}

function belongs({ me }: RoomState, filter: RoomFilter): boolean {
  switch (filter) {
    case 'all':
      return !me.archived
    case 'unread':
      return !me.archived && me.unread > 0
    case 'muted':
      return !me.archived && me.muted
    case 'archived':
      return me.archived
  }
}

function matches(room: RoomState, query: string, meId: UserId | undefined): boolean {
  const { name, subject } = roomFace(room, meId)
  const names = room.members.filter(({ userId }) => userId !== meId).map((member) => member.name)
  const texts = [name, subject, ...names, room.lastMessage?.text ?? null]
  return texts.some((text) => text !== null && folded(text).includes(query))
}

// NFC: a name typed on a Mac may come as separate letters (ㅎ ㅏ ㄴ), and must still find 한.
function folded(text: string): string {
  return text.normalize('NFC').toLocaleLowerCase()
}
