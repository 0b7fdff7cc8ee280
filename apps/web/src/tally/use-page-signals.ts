import type { Tally } from '@tally/client'
import { useEffect } from 'react'

/**
 * Tells the client what only a page can know: whether somebody can see it (what is open on a hidden page is not being
 * read), and whether there is a network.
 */
export function usePageSignals(tally: Tally): void {
  useEffect(() => {
    const tellVisible = () => tally.setVisible(document.visibilityState === 'visible')
    const tellOnline = () => tally.setOnline(navigator.onLine)
    tellVisible()
    document.addEventListener('visibilitychange', tellVisible)
    addEventListener('online', tellOnline)
    addEventListener('offline', tellOnline)
    return () => {
      document.removeEventListener('visibilitychange', tellVisible)
      removeEventListener('online', tellOnline)
      removeEventListener('offline', tellOnline)
    }
  }, [tally])
}
