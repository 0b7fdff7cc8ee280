import type { User } from '@tally/protocol'
import { useCallback, useEffect, useState } from 'react'
import { listDemoPeople } from './development-people.ts'

export type DemoPeople =
  | { state: 'loading' }
  | { state: 'there'; people: User[] }
  /** The server is not in development. */
  | { state: 'none' }
  | { state: 'failed' }

/** The demo people of the server, and how to ask again. */
export function useDemoPeople(): [DemoPeople, retry: () => void] {
  const [people, setPeople] = useState<DemoPeople>({ state: 'loading' })
  const [attempts, setAttempts] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt asks anew
  useEffect(() => {
    const abort = new AbortController()
    listDemoPeople(abort.signal).then(
      (found) => setPeople(found === null ? { state: 'none' } : { state: 'there', people: found }),
      () => !abort.signal.aborted && setPeople({ state: 'failed' }),
    )
    return () => abort.abort()
  }, [attempts])
  const retry = useCallback(() => {
    setPeople({ state: 'loading' })
    setAttempts((count) => count + 1)
  }, [])
  return [people, retry]
}
