import type { Tally } from '@tally/client'
import { useEffect } from 'react'

/** Tells the client whether somebody can see the page: what is open on a hidden page is not being read. */
export function usePageVisibility(tally: Tally): void {
  useEffect(() => {
    const tell = () => tally.setVisible(document.visibilityState === 'visible')
    tell()
    document.addEventListener('visibilitychange', tell)
    return () => document.removeEventListener('visibilitychange', tell)
  }, [tally])
}
