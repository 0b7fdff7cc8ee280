import { useTranslation } from 'react-i18next'
import { ConnectionIndicator } from '../connection/connection-indicator.tsx'
import { useTally } from '../tally/tally-context.ts'
import { useStore } from '../tally/use-store.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { BackLink } from './back-link.tsx'
import { HistorySkeleton } from './history-skeleton.tsx'

/** A room before it is there; without a connection it may not come, and says so. */
export function RoomSkeleton() {
  const { t } = useTranslation()
  const connection = useStore(useTally().connection)
  return (
    <div className="@container flex min-h-0 flex-1 flex-col">
      <div className="flex items-center gap-2 border-b border-line py-3.5 pr-4 pl-4 @md:gap-3 @md:px-6">
        <BackLink />
        <Skeleton className="size-10 shrink-0 rounded-avatar" />
        <div className="grid flex-1 gap-2">
          <Skeleton className="h-4 w-32 max-w-full" />
          <Skeleton className="h-3 w-48 max-w-full" />
        </div>
        <ConnectionIndicator brief connection={connection} />
      </div>
      {connection.state === 'offline' ? (
        <p className="grid flex-1 place-items-center p-6 text-center text-ink-2" role="status">
          {t('connection.none')}
        </p>
      ) : (
        <HistorySkeleton />
      )}
    </div>
  )
}
