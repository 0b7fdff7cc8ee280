import { Popover } from '@base-ui/react/popover'
import type { Notification } from '@tally/protocol'
import { Archive } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useRouter } from '../routing/router.ts'
import { useTally } from '../tally/tally-context.ts'
import { useStore } from '../tally/use-store.ts'
import { Button } from '../ui/button.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { MoreButton } from '../ui/more-button.tsx'
import type { PopupProps } from '../ui/popup-on-use.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { useRefusalWords } from '../use-attempt.ts'
import { NotificationList } from './notification-list.tsx'
import { PermissionPrompt } from './permission-prompt.tsx'
import { FEED_FILTERS, type FeedFilter, useFeed } from './use-feed.ts'

const EMPTY = {
  all: 'notifications.empty',
  unread: 'notifications.emptyUnread',
  archived: 'notifications.emptyArchived',
} as const

/** The feed, hanging from the bell. */
export function NotificationPopup({ trigger, defaultOpen }: PopupProps) {
  const { t } = useTranslation()
  const router = useRouter()
  const badge = useStore(useTally().badge)
  const [open, setOpen] = useState(defaultOpen)
  const [filter, setFilter] = useState<FeedFilter>('all')
  const feed = useFeed({ open, filter })
  const unread = badge?.notifications ?? 0

  const follow = ({ id, readAt, link }: Notification) => {
    if (readAt === null) feed.read([id])
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
          <Popover.Popup className="flex max-h-[min(560px,calc(100dvh-96px))] w-[min(384px,calc(100vw-16px))] flex-col overflow-hidden rounded-3 border border-line bg-raised shadow-raised outline-none transition-[scale,opacity] duration-120 data-ending-style:scale-98 data-ending-style:opacity-0 data-starting-style:scale-98 data-starting-style:opacity-0">
            <div className="flex min-h-14 items-center gap-1 border-b border-line pr-2 pl-4">
              <Popover.Title className="flex-1 text-3 font-semibold">
                {t('notifications.title')}
              </Popover.Title>
              {unread > 0 && (
                <button
                  className="min-h-8 rounded-1 px-2 font-semibold text-action hover:underline"
                  onClick={() => feed.read('all')}
                  type="button"
                >
                  {t('notifications.markAll')}
                </button>
              )}
              {/* Not disabled: pressed, it would lose the focus. */}
              <IconButton
                aria-disabled={!feed.canArchiveRead}
                className="aria-disabled:opacity-40"
                icon={Archive}
                label={t('notifications.archiveRead')}
                onClick={() => feed.canArchiveRead && feed.archiveRead()}
              />
            </div>
            <PermissionPrompt />
            <div className="border-b border-line px-4 py-2">
              <Segmented
                label={t('notifications.filter')}
                onChange={setFilter}
                options={FEED_FILTERS.map((value) => ({ value, text: t(`notifications.filters.${value}`) }))}
                value={filter}
              />
            </div>
            <div className="quiet-scroll min-h-0 overflow-y-auto" data-feed={filter}>
              {feed.failure !== null && <FeedFailure error={feed.failure} onRetry={feed.retry} />}
              {(feed.failure === null || feed.items.length > 0) && (
                <NotificationList
                  empty={t(EMPTY[filter])}
                  items={feed.items}
                  loading={feed.loading}
                  news={feed.news}
                  onMove={(notification) => feed.move(notification, filter !== 'archived')}
                  onOpen={follow}
                />
              )}
              {feed.hasMore && feed.failure === null && !(feed.loading && feed.items.length === 0) && (
                <MoreButton busy={feed.loading} onClick={feed.loadMore} />
              )}
            </div>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}

/** Why the entries are not there, or not those of now. */
function FeedFailure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation()
  const words = useRefusalWords()
  return (
    <div className="grid justify-items-center gap-3 px-4 py-6" role="alert">
      <p className="text-center text-balance text-ink-2">{words(error)}</p>
      <Button onClick={onRetry}>{t('common.retry')}</Button>
    </div>
  )
}
