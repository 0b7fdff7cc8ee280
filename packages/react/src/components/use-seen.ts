import type { Seq } from '@tally/client'
import { type RefObject, useCallback, useEffect, useRef } from 'react'

/**
 * Tells the newest message whose end is on the screen: what a person can have read. The browser itself says what is
 * visible, so it holds inside of any layout, scrolled or not; a hidden page sees nothing.
 *
 * @returns what the mark at the end of each message (`data-seen-seq`) registers itself with.
 */
export function useSeen(onSeen: (seq: Seq) => void): (mark: HTMLElement | null) => (() => void) | undefined {
  const latest = useRef(onSeen)
  useEffect(() => {
    latest.current = onSeen
  })
  const onScreen = useRef(new Set<Element>())
  const observer = useRef<IntersectionObserver | null>(null)
  const tell = useCallback(() => {
    if (document.visibilityState !== 'visible') return
    const seqs = [...onScreen.current].map((mark) => Number(mark.getAttribute('data-seen-seq')))
    if (seqs.length > 0) latest.current(Math.max(...seqs) as Seq)
  }, [])
  useEffect(() => {
    document.addEventListener('visibilitychange', tell)
    return () => document.removeEventListener('visibilitychange', tell)
  }, [tell])
  return useCallback(
    (mark) => {
      if (mark === null) return undefined
      observer.current ??= new IntersectionObserver((entries) => {
        for (const { target, isIntersecting } of entries) {
          if (isIntersecting) onScreen.current.add(target)
          else onScreen.current.delete(target)
        }
        tell()
      })
      const watcher = observer.current
      watcher.observe(mark)
      return () => {
        watcher.unobserve(mark)
        onScreen.current.delete(mark)
      }
    },
    [tell],
  )
}

/** A ref that a component gives to its element, for a function that is called with the element and answers its end. */
export function useMark(
  register: (mark: HTMLElement | null) => (() => void) | undefined,
): RefObject<HTMLSpanElement | null> {
  const mark = useRef<HTMLSpanElement>(null)
  useEffect(() => register(mark.current), [register])
  return mark
}
