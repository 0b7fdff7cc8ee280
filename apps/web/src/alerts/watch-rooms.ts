import type { RoomState, Tally } from '@tally/client'

type Watched = {
  rooms: Pick<Tally['rooms'], 'get' | 'subscribe'>
  connection: Pick<Tally['connection'], 'get' | 'subscribe'>
  me: Pick<Tally['me'], 'get'>
}

/**
 * Calls back once for each new message that counts: of somebody else, in a room that is not muted and that nobody has
 * open here. What comes while the client catches up is of the past, and so is an older room that is loaded later.
 *
 * @param past the rooms as they were when the watching is to have begun.
 */
export function watchRooms(
  tally: Watched,
  onNew: (room: RoomState) => void,
  past: readonly RoomState[] = tally.rooms.get().items,
): () => void {
  /** Of each room the last message that there is nothing to say about any more. */
  const done = new Map<string, number>()
  let newestAt = ''
  let isCurrent = false
  const lookAt = (items: readonly RoomState[]): void => {
    const meId = tally.me.get()?.id
    const before = newestAt
    for (const room of items) {
      const { lastMessage: last, me } = room
      if (last === null) continue
      const doneSeq = Math.max(done.get(room.id) ?? 0, me.readSeq)
      const isOld = !done.has(room.id) && last.createdAt <= before
      const isPast = !isCurrent || isOld || me.muted || last.senderId === meId
      // The row may come before its count does.
      const isNew = !isPast && last.seq > doneSeq && me.unread > 0
      done.set(room.id, isPast || isNew ? Math.max(last.seq, doneSeq) : doneSeq)
      if (last.createdAt > newestAt) newestAt = last.createdAt
      if (isNew) onNew(room)
    }
    isCurrent = ['live', 'polling'].includes(tally.connection.get().state)
  }
  const look = (): void => lookAt(tally.rooms.get().items)
  lookAt(past)
  look()
  const stops = [tally.rooms.subscribe(look), tally.connection.subscribe(look)]
  return () => {
    for (const stop of stops) stop()
  }
}
