import { createTally, isConnected, type Readable } from '@tally/client'

/**
 * A bot: greets everybody who writes, once a room, and ends when nothing is unread.
 * TALLY_URL=http://localhost:5004 TALLY_TOKEN=… node greet.ts
 */
const { TALLY_URL: url = 'http://localhost:5004', TALLY_TOKEN: token = '' } = process.env
const tally = createTally({ url, token })
tally.start()
await until(tally.connection, isConnected)

for (const { id, me } of tally.rooms.get().items) {
  if (me.unread === 0) continue
  const room = tally.room(id)
  const close = room.open()
  const { items } = await until(room.messages, (messages) => !messages.loading)
  const newest = items.findLast((message) => message.state === 'sent')
  if (newest?.state === 'sent') room.markRead(newest.seq)
  const greeting = room.send('Thank you, we have received your message.')
  await until(room.messages, (messages) =>
    messages.items.some((message) => message.key === greeting.key && message.state === 'sent'),
  )
  close()
}
const badge = await until(tally.badge, (value) => value?.total === 0)
process.stdout.write(`Unread: ${badge?.total}\n`)
await tally.stop()

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
