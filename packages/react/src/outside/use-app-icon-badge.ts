import { useEffect } from 'react'
import { useBadge } from '../hooks/use-badge.ts'

/**
 * Shows the badge on the icon of the installed app: messages and notifications, as a phone does. Where there is no such
 * icon (most browser tabs) nothing happens.
 */
export function useAppIconBadge(): void {
  const badge = useBadge()
  const onIcon = (badge?.total ?? 0) + (badge?.notifications ?? 0)
  useEffect(() => {
    const done = onIcon > 0 ? navigator.setAppBadge?.(onIcon) : navigator.clearAppBadge?.()
    // A browser that has the function and no icon to put it on refuses.
    done?.catch(() => {})
  }, [onIcon])
  useEffect(() => () => void navigator.clearAppBadge?.().catch(() => {}), [])
}
