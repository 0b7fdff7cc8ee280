import { createTally, isConnected, type Readable, type RoomId } from '@tally/client'

/**
 * A bot: greets everybody who writes, once a room, and ends when no message is unread.
 * TALLY_URL=http://localhost:5004 TALLY_TOKEN=… node greet.ts
 */
const { TALLY_URL: url = 'http://localhost:5004', TALLY_TOKEN: token = '' } = process.env
const tally = createTally({ url, token })
const greeted = new Set<RoomId>()
tally.start()
await until(tally.connection, isConnected)

while (tally.badge.get()?.total !== 0) {
  const { items, hasMore } = tally.rooms.get()
  const unread = items.find(({ me }) => me.unread > 0)
  if (unread !== undefined) await answer(unread.id)
  else if (hasMore) await tally.loadMoreRooms()
  // The badge may know of a message a moment before its room does.
  else
    await Promise.race([
      until(tally.badge, (badge) => badge?.total === 0),
      until(tally.rooms, (rooms) => rooms.items.some(({ me }) => me.unread > 0)),
    ])
}
process.stdout.write(`Unread: ${tally.badge.get()?.total}\n`)
await tally.stop()

async function answer(roomId: RoomId): Promise<void> {
  const room = tally.room(roomId)
  const close = room.open()
  const read = () => {
    const newest = room.messages.get().items.findLast((message) => message.state === 'sent')
    if (newest?.state === 'sent') room.markRead(newest.seq)
  }
  const stopReading = room.messages.subscribe(read)
  await until(room.messages, ({ loading }) => !loading)
  read()
  if (!greeted.has(roomId)) {
    greeted.add(roomId)
    const greeting = room.send('Thank you, we have received your message.')
    await until(room.messages, ({ items }) =>
      items.some((message) => message.key === greeting.key && message.state === 'sent'),
    )
  }
  await until(room.state, (state) => state?.me.unread === 0)
  stopReading()
  close()
}

/** Resolves once a value of the client is as it should be. */
function until<T>(readable: Readable<T>, holds: (value: T) => boolean): Promise<T> {
  return new Promise((resolve) => {
    const look = () => {
      if (!holds(readable.get())) return
      stop()
      resolve(readable.get())
    }
    const stop = readable.subscribe(look)
    look()
  })
}
