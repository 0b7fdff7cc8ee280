import { Popover } from '@base-ui/react/popover'
import type { Notification } from '@tally/protocol'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useRouter } from '../routing/router.ts'
import { useTally } from '../tally/tally-context.ts'
import { useStore } from '../tally/use-store.ts'
import type { PopupProps } from '../ui/popup-on-use.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { useAttempt } from '../use-attempt.ts'
import { NotificationList } from './notification-list.tsx'
import { PermissionPrompt } from './permission-prompt.tsx'

const FILTERS = ['all', 'unread'] as const
type Filter = (typeof FILTERS)[number]

/** The feed, hanging from the bell. */
export function NotificationPopup({ trigger, defaultOpen }: PopupProps) {
  const { t } = useTranslation()
  const tally = useTally()
  const attempt = useAttempt()
  const router = useRouter()
  const badge = useStore(tally.badge)
  const { items, loading, hasMore } = useStore(tally.notifications.list)
  const [open, setOpen] = useState(defaultOpen)
  const unread = badge?.notifications ?? 0
  const [filter, setFilter] = useState<Filter>('all')
  const shown = filter === 'all' ? items : items.filter(({ readAt }) => readAt === null)

  useEffect(() => {
    if (open) attempt(tally.notifications.load())
  }, [open, attempt, tally])
  const follow = ({ id, readAt, link }: Notification) => {
    if (readAt === null) attempt(tally.notifications.read([id]))
    if (link === null) return
    setOpen(false)
    if (link.startsWith('/')) router.go(link)
    else window.open(link, '_blank', 'noopener,noreferrer')
  }
  return (
    <Popover.Root onOpenChange={setOpen} open={open}>
      <Popover.Trigger render={trigger} />
      <Popover.Portal>
        <Popover.Positioner align="end" className="z-30" collisionPadding={8} sideOffset={8}>
          <Popover.Popup className="flex max-h-[min(560px,calc(100dvh-96px))] w-[min(384px,calc(100vw-16px))] flex-col rounded-3 border border-line bg-raised shadow-raised outline-none transition-[scale,opacity] duration-120 data-ending-style:scale-98 data-ending-style:opacity-0 data-starting-style:scale-98 data-starting-style:opacity-0">
            <div className="flex min-h-14 items-center justify-between border-b border-line px-4">
              <Popover.Title className="text-3 font-semibold">{t('notifications.title')}</Popover.Title>
              {unread > 0 && (
                <button
                  className="min-h-8 rounded-1 px-1 font-semibold text-action hover:underline"
                  onClick={() => attempt(tally.notifications.read('all'))}
                  type="button"
                >
                  {t('notifications.markAll')}
                </button>
              )}
            </div>
            <PermissionPrompt />
            <div className="border-b border-line px-4 py-2">
              <Segmented
                label={t('notifications.filter')}
                onChange={setFilter}
                options={FILTERS.map((value) => ({ value, text: t(`notifications.filters.${value}`) }))}
                value={filter}
              />
            </div>
            <div className="quiet-scroll min-h-0 overflow-y-auto">
              <NotificationList
                empty={t(filter === 'all' ? 'notifications.empty' : 'notifications.emptyUnread')}
                items={shown}
                loading={loading}
                onOpen={follow}
              />
              {hasMore && items.length > 0 && (
                <button
                  className="min-h-11 w-full border-t border-line font-semibold text-action hover:bg-sunken disabled:opacity-40"
                  disabled={loading}
                  onClick={() => attempt(tally.notifications.loadMore())}
                  type="button"
                >
                  {t('common.more')}
                </button>
              )}
            </div>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
