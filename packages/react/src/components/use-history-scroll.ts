import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { TimelineRow } from './timeline.ts'

type HistoryScrollInput = {
  rows: readonly TimelineRow[]
  hasBefore: boolean
  hasAfter: boolean
  loading: boolean
  onLoadBefore: () => void
  onLoadAfter: () => void
}

type HistoryScroll = {
  scroller: RefObject<HTMLDivElement | null>
  atEnd: boolean
  toEnd: () => void
}

/** So near an edge counts as at the edge: a person at the end follows what comes. */
const END_PX = 48
/** So near the edge of what is loaded, the next page is fetched. */
const PREFETCH_PX = 600

/**
 * The scrolling of a history: it opens at the line above what is new (or at the end), keeps what is on screen in its
 * place while older messages come, and follows new ones only for somebody who is at the end.
 */
export function useHistoryScroll(input: HistoryScrollInput): HistoryScroll {
  const scroller = useRef<HTMLDivElement>(null)
  const [atEnd, setAtEnd] = useState(true)
  const isAtEnd = useRef(true)
  const toEnd = useCallback(() => {
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight })
  }, [])
  const look = useLatest(() => {
    const element = scroller.current
    if (element === null) return
    const belowPx = element.scrollHeight - element.scrollTop - element.clientHeight
    isAtEnd.current = belowPx <= END_PX
    setAtEnd(isAtEnd.current)
    if (input.loading) return
    if (input.hasBefore && element.scrollTop < PREFETCH_PX) input.onLoadBefore()
    if (input.hasAfter && belowPx < PREFETCH_PX) input.onLoadAfter()
  })
  usePlaceKept({ scroller, isAtEnd, toEnd, rows: input.rows, hasAfter: input.hasAfter })
  useLayoutEffect(() => look.current())
  useEffect(() => {
    const element = scroller.current
    if (element === null) return
    const onScroll = () => look.current()
    // A history at its end stays there when the room for it changes (a phone's keyboard, a longer text being written).
    const observer = new ResizeObserver(() => {
      if (isAtEnd.current) toEnd()
    })
    observer.observe(element)
    element.addEventListener('scroll', onScroll, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', onScroll)
    }
  }, [look, toEnd])
  return { scroller, atEnd, toEnd }
}

type PlaceInput = {
  scroller: RefObject<HTMLDivElement | null>
  isAtEnd: RefObject<boolean>
  toEnd: () => void
  rows: readonly TimelineRow[]
  hasAfter: boolean
}

/** Puts the scroll position where it belongs after the rows changed, before the change is seen. */
function usePlaceKept({ scroller, isAtEnd, toEnd, rows, hasAfter }: PlaceInput): void {
  const before = useRef<{ firstKey: string; lastKey: string; heightPx: number; hadAfter: boolean } | null>(
    null,
  )
  const first = rows[0]
  const last = rows.at(-1)
  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null || first === undefined || last === undefined) return
    const was = before.current
    const isOwnSend = last.kind === 'message' && last.message.state === 'sending'
    if (was === null) {
      const line = element.querySelector('[data-new-line]')
      if (line === null) toEnd()
      else line.scrollIntoView({ block: 'start' })
    } else if (was.firstKey !== first.key && was.lastKey === last.key) {
      element.scrollTop += element.scrollHeight - was.heightPx
    } else if (was.lastKey !== last.key && (isOwnSend || (isAtEnd.current && !was.hadAfter))) {
      // A page that continues a long unread stretch does not carry the reader to its end: only news are followed.
      toEnd()
    } else if (isAtEnd.current && !hasAfter) {
      toEnd()
    }
    before.current = {
      firstKey: first.key,
      lastKey: last.key,
      heightPx: element.scrollHeight,
      hadAfter: hasAfter,
    }
  }, [scroller, isAtEnd, toEnd, first, last, hasAfter])
}

/** A function that always is the last one that was drawn with, for listeners that stay. */
function useLatest(call: () => void): RefObject<() => void> {
  const latest = useRef(call)
  latest.current = call
  return latest
}
