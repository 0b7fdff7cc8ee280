import { type RefObject, useLayoutEffect, useRef } from 'react'
import { ROOM_ROW_PX } from './room-row-height.ts'

type Keyed = { readonly id: string }

/**
 * Keeps what is on the screen where it is when the order of `rows` changes while the list is scrolled down. At the top
 * of the list nothing is held: there a room that moves up should be seen to arrive.
 */
export function useSteadyOrder(scroller: RefObject<HTMLElement | null>, rows: readonly Keyed[]): void {
  const previous = useRef(rows)
  useLayoutEffect(() => {
    const before = previous.current
    previous.current = rows
    const element = scroller.current
    if (element === null || before === rows || element.scrollTop === 0) return
    const anchor = anchorOf(before, rows, Math.floor(element.scrollTop / ROOM_ROW_PX))
    if (anchor === null || anchor.to === anchor.from) return
    // Rows glide to their places; here the screen must not move at all, so they are put there at once.
    element.dataset['still'] = ''
    element.scrollTop += (anchor.to - anchor.from) * ROOM_ROW_PX
    requestAnimationFrame(() => delete element.dataset['still'])
  }, [rows, scroller])
}

/**
 * The row that should stay: the first one on the screen, unless it is itself the one that went to the top; then the
 * one below it. `null` when neither is in the list any more.
 */
export function anchorOf(
  before: readonly Keyed[],
  after: readonly Keyed[],
  firstShown: number,
): { from: number; to: number } | null {
  for (const from of [firstShown, firstShown + 1]) {
    const id = before[from]?.id
    const to = after.findIndex((row) => row.id === id)
    if (id !== undefined && to > 0) return { from, to }
  }
  return null
}
