import type { Badge } from '@tally/protocol'
import { useEffect } from 'react'
import { documentTitle } from './document-title.ts'
import { faviconHref } from './favicon.ts'

/** Puts the total where people look for it outside the page: the tab's title, the favicon, the installed app's icon. */
export function useTotalEverywhere(badge: Badge | null): void {
  const total = badge?.total ?? 0
  // The icon of an installed app counts everything that waits.
  const onIcon = badge?.total == null ? null : badge.total + badge.notifications
  useEffect(() => {
    document.title = documentTitle(total)
    document.querySelector('link[rel="icon"]')?.setAttribute('href', faviconHref(total))
  }, [total])
  useEffect(() => {
    // Until the server has told, what it told before still stands there.
    if (onIcon === null) return
    // Where the page is not installed there is no icon, and the call is refused.
    const done = onIcon > 0 ? navigator.setAppBadge?.(onIcon) : navigator.clearAppBadge?.()
    done?.catch(() => {})
  }, [onIcon])
  useEffect(
    () => () => {
      document.title = documentTitle(0)
      document.querySelector('link[rel="icon"]')?.setAttribute('href', faviconHref(0))
      navigator.clearAppBadge?.().catch(() => {})
    },
    [],
  )
}
