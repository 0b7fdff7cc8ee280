import { badgeNumber } from '../format/badge-number.ts'

type BadgeProps = {
  count: number
  /** What the number means, in words. */
  label: string
  /** Left out of the total: an outline instead of the colour. */
  muted?: boolean
  /** On an icon. */
  small?: boolean
}

/** A count of something unread; nothing at all when there is nothing. The only saturated thing on the screen. */
export function Badge({ count, label, muted = false, small = false }: BadgeProps) {
  if (count <= 0) return null
  // On an icon an outline would float beside it: there the quiet number has a ground as well.
  const quiet = small ? 'bg-ink-3 text-paper' : 'text-ink-3 inset-ring inset-ring-line'
  const tone = muted ? quiet : 'bg-badge text-on-badge'
  const size = small ? 'min-w-4 px-[5px] text-0 ring-2 ring-paper' : 'min-w-5 px-[7px] py-px text-1'
  return (
    <span
      className={`inline-block rounded-full text-center font-semibold tabular ${tone} ${size}`}
      data-badge={count}
    >
      <span aria-hidden="true">{badgeNumber(count)}</span>
      <span className="sr-only">{label}</span>
    </span>
  )
}
