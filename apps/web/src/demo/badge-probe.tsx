import type { RoomState } from '@tally/client'
import type { RoomId } from '@tally/protocol'
import { useLayoutEffect } from 'react'
import { useTally } from '../tally/tally-context.ts'
import { useStore } from '../tally/use-store.ts'

type BadgeProbeProps = {
  roomId: RoomId
  /** Called in the very commit that put the row into the page. */
  onShown: (row: RoomState) => void
}

/** Draws nothing. It listens to the same store as the list, so React changes both in one go: its effect is the moment. */
export function BadgeProbe({ roomId, onShown }: BadgeProbeProps) {
  const row = useStore(useTally().room(roomId).state)
  useLayoutEffect(() => {
    if (row !== undefined) onShown(row)
  }, [row, onShown])
  return null
}
