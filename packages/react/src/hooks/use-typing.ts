import type { RoomId, UserId } from '@tally/client'
import { useCallback } from 'react'
import { useTally } from '../tally-context.ts'
import { useRoom } from './use-room.ts'

export type TypingState = {
  /** The others who are typing; known while the room is open here. */
  typing: readonly UserId[]
  /** Tells the others; may be called with every key. It ends by itself when it is not repeated. */
  setTyping: (typing: boolean) => void
}

const NOBODY: readonly UserId[] = []

/** Who is typing in a room. */
export function useTyping(roomId: RoomId): TypingState {
  const tally = useTally()
  const { room } = useRoom(roomId)
  const setTyping = useCallback((typing: boolean) => tally.room(roomId).setTyping(typing), [tally, roomId])
  return { typing: room?.typing ?? NOBODY, setTyping }
}
