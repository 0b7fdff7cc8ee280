import type { Notification, NotificationId } from '@tally/protocol'
import type { MouseEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/format-context.ts'
import { neighbourOf } from '../ui/neighbour-of.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { useNow } from '../use-now.ts'
import { NotificationRow } from './notification-row.tsx'

type NotificationListProps = {
  items: readonly Notification[]
  /** Those that came since it was looked at last: they stand apart. */
  news: ReadonlySet<NotificationId>
  loading: boolean
  /** What stands there when there is nothing. */
  empty: string
  onOpen: (notification: Notification) => void
  onMove: (notification: Notification) => void
}

/** The feed, newest first. */
export function NotificationList({ items, news, loading, empty, onOpen, onMove }: NotificationListProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const now = useNow()
  if (items.length === 0 && loading) {
    return (
      <div aria-hidden="true">
        {['a', 'b', 'c'].map((row) => (
          <div className="grid gap-2 px-4 py-3" key={row}>
            <Skeleton className="h-4 w-40" />
            <Skeleton className="h-4 w-64" />
          </div>
        ))}
      </div>
    )
  }
  if (items.length === 0) return <p className="px-4 py-8 text-center text-ink-2">{empty}</p>
  const move = (notification: Notification, { currentTarget }: MouseEvent<HTMLElement>) => {
    neighbourOf(currentTarget, { list: '[data-feed]', mark: 'data-move' })?.focus()
    onMove(notification)
  }
  const rows = (entries: readonly Notification[]) =>
    entries.map((notification) => (
      <li className="border-t border-line first:border-0" key={notification.id}>
        <NotificationRow
          ago={format.ago(notification.createdAt, now)}
          notification={notification}
          onMove={(event) => move(notification, event)}
          onOpen={() => onOpen(notification)}
        />
      </li>
    ))
  const isNew = ({ id }: Notification) => news.has(id)
  const [fresh, earlier] = [items.filter(isNew), items.filter((entry) => !isNew(entry))]
  if (fresh.length === 0 || earlier.length === 0) return <ul>{rows(items)}</ul>
  return (
    <div>
      <Heading>{t('notifications.new')}</Heading>
      <ul>{rows(fresh)}</ul>
      <Heading>{t('notifications.earlier')}</Heading>
      <ul>{rows(earlier)}</ul>
    </div>
  )
}

function Heading({ children }: { children: string }) {
  return <h3 className="bg-paper px-4 py-1.5 text-1 font-semibold text-ink-2">{children}</h3>
}
