import { Skeleton } from '../ui/skeleton.tsx'

/** Widths that look like names and messages. */
const ROWS = [
  ['w-24', 'w-44'],
  ['w-32', 'w-36'],
  ['w-20', 'w-48'],
  ['w-28', 'w-40'],
  ['w-24', 'w-32'],
  ['w-36', 'w-44'],
] as const

/** The list before it is there, row for row of the size it will have. */
export function RoomListSkeleton() {
  return (
    <div aria-hidden="true" className="min-h-0 flex-1 overflow-hidden">
      {ROWS.map(([name, message]) => (
        <div className="flex h-16 items-center gap-3 px-4" key={name + message}>
          <Skeleton className="size-10 shrink-0 rounded-avatar" />
          <div className="grid gap-2">
            <Skeleton className={`h-3.5 ${name}`} />
            <Skeleton className={`h-3.5 ${message}`} />
          </div>
        </div>
      ))}
    </div>
  )
}
