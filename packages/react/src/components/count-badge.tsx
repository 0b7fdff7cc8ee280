import type { ReactNode } from 'react'
import { badgeNumber } from '../outside/badge-number.ts'
import { classNames } from './class-names.ts'
import { VisuallyHidden } from './visually-hidden.tsx'

type CountBadgeProps = {
  count: number
  /** What the number means, in words. */
  label: string
  /** Left out of the total: an outline instead of the colour. */
  muted?: boolean
  className?: string | undefined
}

/** A count of something unread; nothing at all where there is nothing. */
export function CountBadge({ count, label, muted = false, className }: CountBadgeProps): ReactNode {
  if (count <= 0) return null
  return (
    <span className={classNames('tally-badge', muted && 'tally-badge-muted', className)} data-count={count}>
      <span aria-hidden="true">{badgeNumber(count)}</span>
      <VisuallyHidden>{label}</VisuallyHidden>
    </span>
  )
}
