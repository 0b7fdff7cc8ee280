import type { Badge } from '@tally/protocol'
import { useEffect } from 'react'
import { documentTitle } from './document-title.ts'
import { faviconHref } from './favicon.ts'

/** Puts the total where people look for it outside the page: the tab's title, the favicon, the installed app's icon. */
export function useTotalEverywhere(badge: Badge | null): void {
  const total = badge?.total ?? 0
  const notifications = badge?.notifications ?? 0
  useEffect(() => {
    document.title = documentTitle(total)
    document.querySelector('link[rel="icon"]')?.setAttribute('href', faviconHref(total))
  }, [total])
  useEffect(() => {
    // The icon of an installed app counts everything that waits; elsewhere there is none, and the call is refused.
    const onIcon = total + notifications
    const done = onIcon > 0 ? navigator.setAppBadge?.(onIcon) : navigator.clearAppBadge?.()
    done?.catch(() => {})
  }, [total, notifications])
  useEffect(
    () => () => {
      document.title = documentTitle(0)
      document.querySelector('link[rel="icon"]')?.setAttribute('href', faviconHref(0))
      navigator.clearAppBadge?.().catch(() => {})
    },
    [],
  )
}
