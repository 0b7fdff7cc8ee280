import type { Notification } from '@tally/client'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { useNotifications } from '../hooks/use-notifications.ts'
import type { Texts } from '../texts/texts.ts'
import { useWording } from '../texts/texts-context.ts'
import { classNames } from './class-names.ts'
import { CountBadge } from './count-badge.tsx'
import { NotificationFeed } from './notification-feed.tsx'

export type NotificationBellProps = {
  /** Somebody chose an entry; it counts as read by then. Unless given, its link is followed, if it has one. */
  onOpen?: (notification: Notification) => void
  texts?: Partial<Texts>
  className?: string
}

/** The bell with the number of unread notifications, and the feed behind it. */
export function NotificationBell({ onOpen, texts, className }: NotificationBellProps): ReactNode {
  const [open, setOpen] = useState(false)
  const { texts: words, format } = useWording(texts)
  // What was loaded once is kept current by the client: nothing is loaded before somebody looks.
  const feed = useNotifications({ enabled: open })
  const place = useRef<HTMLDivElement>(null)
  const trigger = useRef<HTMLButtonElement>(null)
  const panelId = useId()
  const close = () => {
    setOpen(false)
    trigger.current?.focus()
  }
  useDismissal(place, open, (reason) => {
    if (reason === 'escape') close()
    else setOpen(false)
  })
  return (
    <div className={classNames('tally tally-bell', className)} ref={place}>
      <button
        aria-controls={open ? panelId : undefined}
        aria-expanded={open}
        aria-haspopup="dialog"
        className="tally-bell-button"
        onClick={() => setOpen(!open)}
        ref={trigger}
        type="button"
      >
        <BellSign label={words.notifications} />
        <CountBadge count={feed.unread} label={words.unreadNotifications(feed.unread)} />
      </button>
      {open && (
        <NotificationFeed
          feed={feed}
          format={format}
          id={panelId}
          onOpen={
            onOpen &&
            ((notification) => {
              close()
              onOpen(notification)
            })
          }
          words={words}
        />
      )}
    </div>
  )
}

function BellSign({ label }: { label: string }): ReactNode {
  return (
    <svg
      aria-label={label}
      fill="none"
      height="20"
      role="img"
      stroke="currentColor"
      viewBox="0 0 24 24"
      width="20"
    >
      <path d="M6 9a6 6 0 0 1 12 0c0 6 2.5 7 2.5 7h-17S6 15 6 9" strokeLinejoin="round" strokeWidth="1.75" />
      <path d="M10 20a2 2 0 0 0 4 0" strokeLinecap="round" strokeWidth="1.75" />
    </svg>
  )
}

type Dismissal = 'escape' | 'elsewhere'

/** Calls back when Escape is pressed, or something else than the place. */
function useDismissal(
  place: { current: HTMLElement | null },
  active: boolean,
  onDismiss: (reason: Dismissal) => void,
): void {
  const latest = useRef(onDismiss)
  useEffect(() => {
    latest.current = onDismiss
  })
  useEffect(() => {
    if (!active) return
    const onPointer = (event: PointerEvent) => {
      if (event.target instanceof Node && !place.current?.contains(event.target)) latest.current('elsewhere')
    }
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') latest.current('escape')
    }
    document.addEventListener('pointerdown', onPointer)
    document.addEventListener('keydown', onKey)
    return () => {
      document.removeEventListener('pointerdown', onPointer)
      document.removeEventListener('keydown', onKey)
    }
  }, [place, active])
}
