import { Bell } from 'lucide-react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useTally } from '../tally/tally-context.ts'
import { useStore } from '../tally/use-store.ts'
import { Badge } from '../ui/badge.tsx'
import { fetched } from '../ui/fetched.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { PopupOnUse } from '../ui/popup-on-use.tsx'
import { isUnseen } from './unseen.ts'

const notificationPopup = fetched(async () => (await import('./notification-popup.tsx')).NotificationPopup)

/** The bell with its own count, in colour while something of it was not seen yet, and the feed behind it. */
export function NotificationBell() {
  const { t } = useTranslation()
  const tally = useTally()
  const badge = useStore(tally.badge)
  const { items, state } = useStore(tally.notifications.list)
  const unread = badge?.notifications ?? 0
  const hasUnread = unread > 0
  const unseen = items.filter((entry) => isUnseen(entry, state.seenSeq)).length
  useEffect(() => {
    // What was seen on another device is not new here: the list says it. Without it the count stays quiet.
    if (hasUnread) tally.notifications.load().catch(() => {})
  }, [hasUnread, tally])
  return (
    <span className="relative">
      <PopupOnUse
        code={notificationPopup}
        haspopup="dialog"
        trigger={<IconButton icon={Bell} label={t('notifications.title')} />}
      >
        {(NotificationPopup, popup) => <NotificationPopup {...popup} />}
      </PopupOnUse>
      <span
        className="pointer-events-none absolute top-0 right-0 flex"
        data-testid="notifications-badge"
        data-unseen={unseen > 0}
      >
        <Badge
          count={unread}
          label={t('badge.notifications', { count: unread }) + (unseen > 0 ? t('notifications.andNew') : '')}
          muted={unseen === 0}
          small
        />
      </span>
    </span>
  )
}
