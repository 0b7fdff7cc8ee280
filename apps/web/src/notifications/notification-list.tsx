import type { Notification } from '@tally/protocol'
import { useFormat } from '../format/format-context.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { useNow } from '../use-now.ts'
import { NotificationRow } from './notification-row.tsx'

type NotificationListProps = {
  items: readonly Notification[]
  loading: boolean
  /** What stands there when there is nothing. */
  empty: string
  onOpen: (notification: Notification) => void
}

/** The feed, newest first. */
export function NotificationList({ items, loading, empty, onOpen }: NotificationListProps) {
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
  return (
    <ul>
      {items.map((notification) => (
        <li className="border-t border-line first:border-0" key={notification.id}>
          <NotificationRow
            ago={format.ago(notification.createdAt, now)}
            notification={notification}
            onOpen={() => onOpen(notification)}
          />
        </li>
      ))}
    </ul>
  )
}
