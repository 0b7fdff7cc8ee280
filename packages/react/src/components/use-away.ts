import { isConnected } from '@tally/client'
import { useState } from 'react'
import { useConnection } from '../hooks/use-connection.ts'

/**
 * Whether the server cannot be reached, until it can again: what was not loaded will not come by waiting. That another
 * try is under way is no reason to say something else for a moment.
 */
export function useAway(): boolean {
  const connection = useConnection()
  const [was, setWas] = useState(false)
  const { state, error } = connection
  const gaveUp = state === 'offline' || state === 'needs-auth' || (state === 'closed' && error !== undefined)
  const away = gaveUp || (was && !isConnected(connection))
  if (away !== was) setWas(away)
  return away
}
