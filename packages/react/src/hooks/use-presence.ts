import type { PresenceState, UserId } from '@tally/client'
import { useTally } from '../tally-context.ts'
import { useReadable } from './use-readable.ts'

const BEFORE: { readonly value: PresenceState } = { value: { online: false, lastSeenAt: null } }

/** Whether somebody is here on any device, and when they were last; told of people one shares a direct room with. */
export function usePresence(userId: UserId): PresenceState {
  return useReadable(useTally().presence(userId), BEFORE)
}
