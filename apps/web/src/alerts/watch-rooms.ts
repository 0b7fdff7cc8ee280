import { isConnected, type RoomState, type Tally } from '@tally/client'
import type { WhatIsPast } from './what-is-past.ts'

type Watched = {
  rooms: Pick<Tally['rooms'], 'get' | 'subscribe'>
  connection: Pick<Tally['connection'], 'get' | 'subscribe'>
  me: Pick<Tally['me'], 'get'>
}

/**
 * Calls back with the rooms that have a new message that counts: of somebody else, in a room that is not muted and that
 * nobody has open here. Each message once, and once for a room however many there are; what came while the connection was
 * away comes together, as soon as it has caught up. An older room that is loaded later is of the past.
 *
 * @param past what was there when the watching is to have begun.
 */
export function watchRooms(
  { rooms, connection, me }: Watched,
  onNew: (rooms: readonly RoomState[]) => void,
  past: WhatIsPast['rooms'] = rooms.get(),
): () => void {
  /** Of each room the last message that there is nothing to say about any more. */
  const done = new Map(past.items.map((room) => [room.id, lastOf(room)]))
  const oldest = past.hasMore ? past.items.at(-1) : undefined
  const oldestAt = oldest?.lastMessage?.createdAt ?? oldest?.createdAt ?? ''

  /** @returns whether there is something to say about the room, which then is said. */
  const settle = (room: RoomState): boolean => {
    const { lastMessage: last } = room
    if (last === null) return false
    const doneSeq = Math.max(done.get(room.id) ?? 0, room.me.readSeq)
    const isOlder = !done.has(room.id) && last.createdAt <= oldestAt
    const isQuiet = isOlder || room.me.muted || last.senderId === me.get()?.id
    // The row may come before its count does.
    const isNew = !isQuiet && last.seq > doneSeq && room.me.unread > 0
    done.set(room.id, isQuiet || isNew ? lastOf(room) : doneSeq)
    return isNew
  }
  const look = (): void => {
    // Half of what was missed would be told, and the rest a moment later.
    if (!isConnected(connection.get())) return
    const news = rooms.get().items.filter(settle)
    if (news.length > 0) onNew(news)
  }
  look()
  const stops = [rooms.subscribe(look), connection.subscribe(look)]
  return () => {
    for (const stop of stops) stop()
  }
}

function lastOf({ lastMessage, me }: RoomState): number {
  return Math.max(lastMessage?.seq ?? 0, me.readSeq)
}
