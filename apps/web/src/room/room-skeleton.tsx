import { Skeleton } from '../ui/skeleton.tsx'
import { HistorySkeleton } from './history-skeleton.tsx'

/** A room before it is there. */
export function RoomSkeleton() {
  return (
    <div className="@container flex min-h-0 flex-1 flex-col">
      <div aria-hidden="true" className="flex items-center gap-3 border-b border-line px-4 py-3.5 @md:px-6">
        <Skeleton className="size-10 shrink-0 rounded-avatar" />
        <div className="grid gap-2">
          <Skeleton className="h-4 w-32" />
          <Skeleton className="h-3 w-48" />
        </div>
      </div>
      <HistorySkeleton />
    </div>
  )
}
