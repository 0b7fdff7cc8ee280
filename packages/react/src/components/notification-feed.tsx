import type { Notification } from '@tally/client'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { Notifications } from '../hooks/use-notifications.ts'
import type { Format } from '../texts/format.ts'
import type { Texts } from '../texts/texts.ts'
import { useNow } from './use-now.ts'
import { VisuallyHidden } from './visually-hidden.tsx'

type NotificationFeedProps = {
  id: string
  feed: Notifications
  words: Texts
  format: Format
  onOpen: ((notification: Notification) => void) | undefined
}

/** The feed, newest first. Has the focus once it appears. */
export function NotificationFeed({ id, feed, words, format, onOpen }: NotificationFeedProps): ReactNode {
  const now = useNow()
  const panel = useRef<HTMLDivElement>(null)
  const [failed, setFailed] = useState(false)
  const attempt = (doing: Promise<void>) => {
    setFailed(false)
    doing.catch(() => setFailed(true))
  }
  useEffect(() => panel.current?.focus(), [])
  const choose = (notification: Notification) => {
    if (notification.readAt === null) attempt(feed.read([notification.id]))
    onOpen?.(notification)
  }
  return (
    <div
      aria-busy={feed.loading}
      aria-label={words.notifications}
      className="tally-feed"
      id={id}
      ref={panel}
      role="dialog"
      tabIndex={-1}
    >
      <div className="tally-feed-head">
        <strong>{words.notifications}</strong>
        {feed.unread > 0 && (
          <button className="tally-quiet" onClick={() => attempt(feed.read('all'))} type="button">
            {words.markAllRead}
          </button>
        )}
      </div>
      {failed && (
        <p className="tally-problem" role="alert">
          {words.failed}
        </p>
      )}
      {feed.items.length === 0 && (
        <p className="tally-empty">{feed.loading ? words.loading : words.noNotifications}</p>
      )}
      <ul>
        {feed.items.map((notification) => (
          <li key={notification.id}>
            <Entry
              ago={format.ago(notification.createdAt, now)}
              follow={onOpen === undefined}
              notification={notification}
              onChoose={() => choose(notification)}
              words={words}
            />
          </li>
        ))}
      </ul>
      {feed.hasMore && feed.items.length > 0 && (
        <button
          className="tally-more"
          disabled={feed.loading}
          onClick={() => attempt(feed.loadMore())}
          type="button"
        >
          {words.more}
        </button>
      )}
    </div>
  )
}

type EntryProps = {
  notification: Notification
  ago: string
  words: Texts
  follow: boolean
  onChoose: () => void
}

function Entry({ notification, ago, words, follow, onChoose }: EntryProps): ReactNode {
  const isUnread = notification.readAt === null
  const content = (
    <>
      {isUnread && <VisuallyHidden>{words.unread} </VisuallyHidden>}
      <span className="tally-entry-title" dir="auto">
        {notification.title}
      </span>
      <span className="tally-entry-time">{ago}</span>
      {notification.content !== '' && (
        <span className="tally-entry-content" dir="auto">
          {notification.content}
        </span>
      )}
    </>
  )
  const shared = { className: 'tally-entry', 'data-unread': isUnread ? 'true' : undefined, onClick: onChoose }
  const href = follow ? safeHref(notification.link) : undefined
  if (href === undefined) {
    return (
      <button {...shared} type="button">
        {content}
      </button>
    )
  }
  return (
    <a {...shared} href={href} rel="noreferrer">
      {content}
    </a>
  )
}

/** The server takes web addresses and paths only; whatever else a link might be is not followed here either. */
function safeHref(link: string | null): string | undefined {
  return link !== null && /^(https?:\/\/|\/(?![/\\]))/i.test(link) ? link : undefined
}
