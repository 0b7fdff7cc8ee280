import { Bell } from 'lucide-react'
import { lazy } from 'react'
import { useTranslation } from 'react-i18next'
import { useTally } from '../tally/tally-context.ts'
import { useStore } from '../tally/use-store.ts'
import { Badge } from '../ui/badge.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { PopupOnUse } from '../ui/popup-on-use.tsx'

const load = () => import('./notification-popup.tsx')
const NotificationPopup = lazy(() => load().then((module) => ({ default: module.NotificationPopup })))

/** The bell with its own count, and the feed behind it. */
export function NotificationBell() {
  const { t } = useTranslation()
  const badge = useStore(useTally().badge)
  const unread = badge?.notifications ?? 0
  return (
    <span className="relative">
      <PopupOnUse
        haspopup="dialog"
        preload={load}
        trigger={<IconButton icon={Bell} label={t('notifications.title')} />}
      >
        {(popup) => <NotificationPopup {...popup} />}
      </PopupOnUse>
      <span className="pointer-events-none absolute -top-1 -right-1 flex" data-testid="notifications-badge">
        <Badge count={unread} label={t('badge.notifications', { count: unread })} small />
      </span>
    </span>
  )
}
