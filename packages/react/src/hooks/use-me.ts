import type { User } from '@tally/client'
import { useTally } from '../tally-context.ts'
import { useReadable } from './use-readable.ts'

const BEFORE = { value: null }

/** Who is signed in, once the server accepted the token; `null` before. */
export function useMe(): User | null {
  return useReadable(useTally().me, BEFORE)
}
