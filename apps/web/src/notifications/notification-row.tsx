import type { Notification } from '@tally/protocol'
import { Archive, ArchiveRestore } from 'lucide-react'
import type { MouseEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { IconButton } from '../ui/icon-button.tsx'

type NotificationRowProps = {
  notification: Notification
  /** When, as written: 5분 전. */
  ago: string
  onOpen: () => void
  /** Puts it away, or brings it back. */
  onMove: (event: MouseEvent<HTMLElement>) => void
}

/** An entry of the feed. Pressing it reads it, and follows its link if it has one. */
export function NotificationRow({ notification, ago, onOpen, onMove }: NotificationRowProps) {
  const { t } = useTranslation()
  const { title, content } = notification
  const unread = notification.readAt === null
  const isArchived = notification.archivedAt !== null
  return (
    <div className="flex items-start hover:bg-sunken">
      <button
        className="grid min-w-0 flex-1 grid-cols-[8px_minmax(0,1fr)_auto] items-baseline gap-x-3 py-3 pr-2 pl-4 text-left focus-visible:-outline-offset-2"
        onClick={onOpen}
        type="button"
      >
        <span className={`size-2 -translate-y-px rounded-full ${unread ? 'bg-badge' : ''}`}>
          {unread && <span className="sr-only">{t('notifications.unreadSign')}</span>}
        </span>
        <span className={`truncate ${unread ? 'font-semibold text-ink' : 'text-ink-2'}`} dir="auto">
          {title}
        </span>
        <span className="text-1 whitespace-nowrap text-ink-3 tabular">{ago}</span>
        {content !== '' && (
          <span className="col-start-2 col-end-4 line-clamp-2 text-ink-2" dir="auto">
            {content}
          </span>
        )}
      </button>
      <IconButton
        className="mt-2.5 mr-2"
        data-move=""
        icon={isArchived ? ArchiveRestore : Archive}
        label={t(isArchived ? 'notifications.restore' : 'notifications.archive', { title })}
        onClick={onMove}
        size="small"
      />
    </div>
  )
}
