import type { Notification } from '@tally/protocol'
import { useTranslation } from 'react-i18next'

type NotificationRowProps = {
  notification: Notification
  /** When, as written: 5분 전. */
  ago: string
  onOpen: () => void
}

/** An entry of the feed. Pressing it reads it, and follows its link if it has one. */
export function NotificationRow({ notification, ago, onOpen }: NotificationRowProps) {
  const { t } = useTranslation()
  const unread = notification.readAt === null
  return (
    <button
      className="grid w-full grid-cols-[8px_minmax(0,1fr)_auto] items-baseline gap-x-3 px-4 py-3 text-left hover:bg-sunken focus-visible:-outline-offset-2"
      onClick={onOpen}
      type="button"
    >
      <span className={`size-2 -translate-y-px rounded-full ${unread ? 'bg-badge' : ''}`}>
        {unread && <span className="sr-only">{t('notifications.unreadSign')}</span>}
      </span>
      <span className={`truncate ${unread ? 'font-semibold text-ink' : 'text-ink-2'}`} dir="auto">
        {notification.title}
      </span>
      <span className="text-1 whitespace-nowrap text-ink-3 tabular">{ago}</span>
      {notification.content !== '' && (
        <span className="col-start-2 col-end-4 line-clamp-2 text-ink-2" dir="auto">
          {notification.content}
        </span>
      )}
    </button>
  )
}
