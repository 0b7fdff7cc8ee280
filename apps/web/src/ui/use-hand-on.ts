import { type RefObject, useLayoutEffect, useRef } from 'react'

/**
 * For an element that goes when what is in it was used: whoever has the focus in it gets it to the element that `next`
 * names, and not to the beginning of the page. Asked as it goes, while it still stands where it was.
 */
export function useHandOn<T extends HTMLElement>(
  next: (leaving: T) => HTMLElement | null | undefined,
): RefObject<T | null> {
  const element = useRef<T>(null)
  const nextOf = useRef(next)
  nextOf.current = next
  useLayoutEffect(() => {
    const leaving = element.current
    return () => {
      if (leaving?.contains(document.activeElement)) nextOf.current(leaving)?.focus()
    }
  }, [])
  return element
}
