import type { RoomHandle, RoomId, RoomState } from '@tally/client'
import { useTally } from '../tally-context.ts'
import { useReadable } from './use-readable.ts'

const BEFORE = { value: undefined }

/**
 * A room's row (title, members, last message, `me.unread`; `undefined` while it is not known or the person is not in
 * it), and what can be done there. Does not open the room: that is `useMessages`.
 */
export function useRoom(roomId: RoomId): { room: RoomState | undefined; handle: RoomHandle } {
  const handle = useTally().room(roomId)
  return { room: useReadable(handle.state, BEFORE), handle }
}
