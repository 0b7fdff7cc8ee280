import type { Badge } from '@tally/protocol'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'

/** A burst is said once, when it is over: a screen reader that counts along cannot be listened to. */
const SETTLED_MS = 1_500

/** Says the total to those who listen, after it has come to rest. */
export function BadgeAnnouncer({ badge }: { badge: Badge | null }) {
  const { t } = useTranslation()
  const [said, setSaid] = useState<number | null>(null)
  const total = badge?.total ?? null
  useEffect(() => {
    const timer = setTimeout(() => setSaid(total), SETTLED_MS)
    return () => clearTimeout(timer)
  }, [total])
  return (
    <p aria-live="polite" className="sr-only">
      {said === null ? '' : said === 0 ? t('badge.allRead') : t('badge.unread', { count: said })}
    </p>
  )
}
