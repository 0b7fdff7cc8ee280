import type { Seq } from '@tally/protocol'
import { type Range, useVirtualizer, type Virtualizer } from '@tanstack/react-virtual'
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { rangeWith } from '../ui/range-with.ts'
import { estimateRowPx } from './row-height.ts'
import type { TimelineRow } from './timeline.ts'
import type { Jump } from './use-jumps.ts'
import { usePlace } from './use-place.ts'
import type { Written } from './use-writing.ts'

type HistoryVirtualizer = Virtualizer<HTMLDivElement, HTMLLIElement>

type HistoryScrollInput = Written & {
  rows: readonly TimelineRow[]
  hasBefore: boolean
  hasAfter: boolean
  loading: boolean
  /** The message somebody asked to go to. */
  jump: Jump | null
  onLoadBefore: () => void
  onLoadAfter: () => void
  /** The highest seq whose end has been on the screen: what a person can have read. */
  onSeen: (seq: Seq) => void
}

type HistoryScroll = {
  scroller: RefObject<HTMLDivElement | null>
  virtualizer: HistoryVirtualizer
  /** False until the first position is taken; before that the rows are not to be shown. */
  placed: boolean
  atEnd: boolean
  seenSeq: number
  /** The row that has the focus now; `null`: none. It stays in the page wherever one scrolls to. */
  onFocus: (rowKey: string | null) => void
  /** The message somebody has just gone to. */
  markedSeq: Seq | null
  toEnd: () => void
}

/** So near the end counts as at the end: a person there follows what comes. */
const END_PX = 48
/** Whoever is nearer than this has not begun to scroll up. */
const RESTING_PX = 2
/** So many rows before the edge of what is loaded, the next page is fetched. */
const PREFETCH_ROWS = 12
/** How somebody moves through a history; that it scrolled may be our doing as well. */
const MOVES = ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const
/** What stays visible above the "new messages" line when a room opens at it. */
const ABOVE_LINE_PX = 72

/**
 * The scrolling of a history: it opens at the message somebody goes to, else at the line above the first unread one (or at
 * the end), keeps what is on screen in its place while older pages come, follows new messages only for somebody who is at
 * the end, and tells what has been seen.
 */
export function useHistoryScroll(input: HistoryScrollInput): HistoryScroll {
  const { rows, hasAfter } = input
  const scroller = useRef<HTMLDivElement>(null)
  const [atEnd, setAtEnd] = useState(true)
  const [seenSeq, setSeenSeq] = useState(0)
  const { onFocus, rangeExtractor } = useKeptFocus(rows)

  // A page that continues a long unread stretch must not carry the reader to its end: only what comes after the
  // newest message is followed, and only while somebody is looking.
  const hadAfter = useRef(hasAfter)
  const follow = !hadAfter.current && !hasAfter && document.visibilityState === 'visible'
  useEffect(() => {
    hadAfter.current = hasAfter
  }, [hasAfter])

  const virtualizer = useVirtualizer<HTMLDivElement, HTMLLIElement>({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimateRowPx(rows[index], scroller.current?.clientWidth ?? 640),
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
    overscan: 10,
    rangeExtractor,
    paddingStart: 16,
    paddingEnd: 4,
    scrollPaddingStart: ABOVE_LINE_PX,
    anchorTo: 'end',
    followOnAppend: follow,
    scrollEndThreshold: END_PX,
  })

  const { placed, moving, markedSeq } = usePlace(virtualizer, rows, input)
  useOwnSends(virtualizer, input)
  const restsAtEnd = useRef(false)
  useStayAtEnd(scroller, virtualizer, { restsAtEnd, lastKey: rows.at(-1)?.key })

  const look = useRef<() => void>(undefined)
  look.current = () => {
    // Whoever wrote is led to the end from the start, and more may come in the moment in which they are there.
    restsAtEnd.current = (placed || input.hasWritten) && !hasAfter && isAtEndOf(scroller.current)
    if (!placed || moving) return
    setAtEnd(virtualizer.isAtEnd(END_PX))
    const seq = lastSeqOnScreen(virtualizer, rows)
    if (seq !== null && seq > seenSeq) setSeenSeq(seq)
    if (seq !== null && document.visibilityState === 'visible') input.onSeen(seq)
    const shown = virtualizer.range
    if (shown === null || input.loading) return
    if (input.hasBefore && shown.startIndex < PREFETCH_ROWS) input.onLoadBefore()
    if (hasAfter && shown.endIndex > rows.length - PREFETCH_ROWS) input.onLoadAfter()
  }
  useLayoutEffect(() => look.current?.())
  const move = useRef(input.onMove)
  move.current = input.onMove
  useEffect(() => {
    const element = scroller.current
    const onLook = () => look.current?.()
    const onMove = () => move.current()
    element?.addEventListener('scroll', onLook, { passive: true })
    for (const kind of MOVES) element?.addEventListener(kind, onMove, { passive: true })
    document.addEventListener('visibilitychange', onLook)
    return () => {
      element?.removeEventListener('scroll', onLook)
      for (const kind of MOVES) element?.removeEventListener(kind, onMove)
      document.removeEventListener('visibilitychange', onLook)
    }
  }, [])

  return {
    scroller,
    virtualizer,
    placed,
    atEnd,
    seenSeq,
    onFocus,
    markedSeq,
    toEnd: () => virtualizer.scrollToEnd(),
  }
}

/** Draws the row that has the focus wherever one scrolls to. */
function useKeptFocus(rows: readonly TimelineRow[]) {
  const [focusedKey, onFocus] = useState<string | null>(null)
  const index = focusedKey === null ? -1 : rows.findIndex(({ key }) => key === focusedKey)
  const rangeExtractor = useCallback((range: Range) => rangeWith(range, index), [index])
  return { onFocus, rangeExtractor }
}

/** Somebody who writes wants to see it, wherever in the history they are, and once more where its end comes only then. */
function useOwnSends(
  virtualizer: HistoryVirtualizer,
  { rows, hasAfter, writtenKey }: HistoryScrollInput,
): void {
  const isThere = writtenKey !== null && rows.some(({ key }) => key === writtenKey)
  const place = isThere ? `${writtenKey} ${hasAfter ? 'below what is loaded' : 'at the end'}` : null
  useLayoutEffect(() => {
    if (place !== null) virtualizer.scrollToEnd()
  }, [place, virtualizer])
}

/**
 * A history that is at its end stays there when the room for it changes (window, keyboard, a longer text being written), or
 * the rows that are there do (narrower, changed, with a picture that came). What is new at the end is not followed here.
 */
function useStayAtEnd(
  scroller: RefObject<HTMLElement | null>,
  virtualizer: HistoryVirtualizer,
  { restsAtEnd, lastKey }: { restsAtEnd: RefObject<boolean>; lastKey: string | undefined },
): void {
  const seen = useRef({ heightPx: 0, totalPx: 0, lastKey })
  const stay = useRef<() => void>(undefined)
  stay.current = () => {
    const before = seen.current
    const now = {
      heightPx: scroller.current?.clientHeight ?? 0,
      totalPx: virtualizer.getTotalSize(),
      lastKey,
    }
    seen.current = now
    const resized = now.heightPx !== before.heightPx || now.totalPx !== before.totalPx
    if (restsAtEnd.current && resized && lastKey === before.lastKey) virtualizer.scrollToEnd()
  }
  // Every row that is measured anew is drawn anew; the room around them changes without that.
  useLayoutEffect(() => stay.current?.())
  useEffect(() => {
    const element = scroller.current
    if (element === null) return
    const observer = new ResizeObserver(() => stay.current?.())
    observer.observe(element)
    return () => observer.disconnect()
  }, [scroller])
}

/** Asked of the page itself: the virtualizer hears of its own scrolling with the next frame. */
function isAtEndOf(element: HTMLElement | null): boolean {
  if (element === null) return false
  return element.scrollHeight - element.clientHeight - element.scrollTop <= RESTING_PX
}

function lastSeqOnScreen(virtualizer: HistoryVirtualizer, rows: readonly TimelineRow[]): Seq | null {
  const bottom = (virtualizer.scrollOffset ?? 0) + (virtualizer.scrollRect?.height ?? 0) + 4
  for (const item of virtualizer.getVirtualItems().toReversed()) {
    const row = rows[item.index]
    if (item.end > bottom || (row?.kind !== 'message' && row?.kind !== 'system')) continue
    if (row.message.state === 'sent') return row.message.seq
  }
  return null
}
