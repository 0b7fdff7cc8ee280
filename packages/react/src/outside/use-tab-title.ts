import { useEffect } from 'react'
import { useBadge } from '../hooks/use-badge.ts'
import { badgeNumber } from './badge-number.ts'

/** Puts the total before the title of the tab, `(3) Jobs`, and takes it away again with the component. */
export function useTabTitle(title: string): void {
  const total = useBadge()?.total ?? 0
  useEffect(() => {
    document.title = total > 0 ? `(${badgeNumber(total)}) ${title}` : title
  }, [title, total])
  useEffect(
    () => () => {
      document.title = title
    },
    [title],
  )
}
