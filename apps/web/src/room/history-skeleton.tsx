import { Skeleton } from '../ui/skeleton.tsx'

const BUBBLES = [
  ['self-start', 'w-56'],
  ['self-start', 'w-40'],
  ['self-end', 'w-64'],
  ['self-start', 'w-72'],
  ['self-end', 'w-44'],
  ['self-end', 'w-60'],
] as const

/** A history before it is there. */
export function HistorySkeleton() {
  return (
    <div
      aria-hidden="true"
      className="scroll-gutter flex min-h-0 flex-1 flex-col justify-end overflow-hidden @max-md:[scrollbar-width:none]"
    >
      <div className="mx-auto flex w-full max-w-[1040px] flex-col gap-1 px-4 pb-7 @md:px-6">
        {BUBBLES.map(([side, width]) => (
          <Skeleton className={`h-9 max-w-[80%] rounded-3 ${side} ${width}`} key={side + width} />
        ))}
      </div>
    </div>
  )
}
