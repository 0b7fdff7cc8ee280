import type { Tally } from '@tally/client'
import { useEffect } from 'react'

/**
 * Tells the client what only a page can know: whether somebody can see it (what is open on a hidden page is not being
 * read), and that the network is back (no reason to wait for the next try).
 */
export function usePageSignals(tally: Tally): void {
  useEffect(() => {
    const tellVisible = () => tally.setVisible(document.visibilityState === 'visible')
    const networkIsBack = () => {
      if (tally.connection.get().state === 'offline') tally.start()
    }
    tellVisible()
    document.addEventListener('visibilitychange', tellVisible)
    addEventListener('online', networkIsBack)
    return () => {
      document.removeEventListener('visibilitychange', tellVisible)
      removeEventListener('online', networkIsBack)
    }
  }, [tally])
}
