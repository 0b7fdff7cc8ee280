import type { Tally } from '@tally/client'
import { createContext, useContext } from 'react'

/** The client of the person whose screen this is; on the demo page every phone has its own. */
export const TallyContext = createContext<Tally | null>(null)

export function useTally(): Tally {
  const tally = useContext(TallyContext)
  if (tally === null) throw new Error('useTally needs a TallyContext above it')
  return tally
}
