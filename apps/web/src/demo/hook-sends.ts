import type { PendingMessage, RoomHandle, Tally } from '@tally/client'
import type { RoomId } from '@tally/protocol'

/** A message has been given to the client; `atMs` by `performance.now`, before anything was done with it. */
export type OnSend = (sent: { tally: Tally; message: PendingMessage; atMs: number }) => void

/** The same client, which also tells of every message that is sent through it. */
export function hookSends(tally: Tally, onSend: OnSend): Tally {
  const handles = new Map<RoomId, RoomHandle>()
  const hooked: Tally = {
    ...tally,
    room(roomId) {
      const known = handles.get(roomId)
      if (known !== undefined) return known
      const handle = tally.room(roomId)
      const measured: RoomHandle = {
        ...handle,
        send(text, options) {
          const atMs = performance.now()
          const message = handle.send(text, options)
          onSend({ tally: hooked, message, atMs })
          return message
        },
      }
      handles.set(roomId, measured)
      return measured
    },
  }
  return hooked
}
