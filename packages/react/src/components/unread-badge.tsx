import type { Badge } from '@tally/client'
import { type ReactNode, useEffect, useState } from 'react'
import { useBadge } from '../hooks/use-badge.ts'
import type { Texts } from '../texts/texts.ts'
import { useWording } from '../texts/texts-context.ts'
import { classNames } from './class-names.ts'
import { CountBadge } from './count-badge.tsx'
import { VisuallyHidden } from './visually-hidden.tsx'

/** What of the badge is counted: unread messages, unread notifications, or both as a phone's icon does. */
export type BadgePart = 'messages' | 'notifications' | 'all'

export type UnreadBadgeProps = {
  /** `messages` unless given. */
  of?: BadgePart
  /** Whether changes are said to those who listen, once a burst is over. */
  announce?: boolean
  texts?: Partial<Texts>
  className?: string
}

const LABELS = {
  messages: 'unreadMessages',
  notifications: 'unreadNotifications',
  all: 'unreadInAll',
} as const

/** The person's unread number; nothing while there is none, or while the server cannot tell it. */
export function UnreadBadge({
  of = 'messages',
  announce = false,
  texts,
  className,
}: UnreadBadgeProps): ReactNode {
  const words = useWording(texts).texts
  const badge = useBadge()
  const count = countOf(badge, of)
  const label = (unread: number) => words[LABELS[of]](unread)
  return (
    <>
      <CountBadge className={classNames('tally', className)} count={count ?? 0} label={label(count ?? 0)} />
      {announce && (
        <Announcer count={count} label={(unread) => (unread === 0 ? words.allRead : label(unread))} />
      )}
    </>
  )
}

/** `null`: not known. */
function countOf(badge: Badge | null, part: BadgePart): number | null {
  if (badge === null) return null
  if (part === 'notifications') return badge.notifications
  if (badge.total === null) return null
  return part === 'all' ? badge.total + badge.notifications : badge.total
}

/** A screen reader that counts along cannot be listened to: a burst is said once, when it is over. */
const SETTLED_MS = 1_500

function Announcer({ count, label }: { count: number | null; label: (count: number) => string }): ReactNode {
  const [said, setSaid] = useState<number | null>(null)
  useEffect(() => {
    const timer = setTimeout(() => setSaid(count), SETTLED_MS)
    return () => clearTimeout(timer)
  }, [count])
  return <VisuallyHidden live>{said === null ? '' : label(said)}</VisuallyHidden>
}
