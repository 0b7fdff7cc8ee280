import type { Tally } from '@tally/client'
import { createContext, useContext } from 'react'

export const TallyContext = createContext<Tally | null>(null)

/** The client of the person whose page this is. @throws Error outside of a `TallyProvider`. */
export function useTally(): Tally {
  const tally = useContext(TallyContext)
  if (tally === null) throw new Error('There is no TallyProvider above the component that uses Tally')
  return tally
}
