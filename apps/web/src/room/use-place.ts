import type { Seq } from '@tally/protocol'
import type { Virtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useState } from 'react'
import type { TimelineRow } from './timeline.ts'
import type { Jump } from './use-jumps.ts'

type Place = {
  /** False until the first place is taken; before that the rows are not to be shown. */
  placed: boolean
  /** Somebody is on the way to another place: what the screen shows meanwhile nobody asked for. */
  moving: boolean
  /** The message somebody has just gone to. */
  markedSeq: Seq | null
}

/** Long enough for the eye to find it. */
const MARKED_MS = 1_200

/**
 * Takes the place that is asked for: the message somebody goes to. Where there is none, a history opens at the line above
 * what is new, or at its end: where nothing is new, or somebody wrote meanwhile.
 */
export function usePlace(
  virtualizer: Virtualizer<HTMLDivElement, HTMLLIElement>,
  rows: readonly TimelineRow[],
  { jump, hasWritten }: { jump: Jump | null; hasWritten: boolean },
): Place {
  /** What led to the place that was taken last; `undefined`: none is taken yet. */
  const [taken, setTaken] = useState<Jump | null>()
  const placed = taken !== undefined
  const moving = taken !== jump
  const due = moving && jump?.ready !== false && rows.length > 0
  useLayoutEffect(() => {
    if (!due) return
    const index = jump === null ? -1 : indexOf(rows, jump.seq)
    if (index >= 0) virtualizer.scrollToIndex(index, { align: 'center' })
    else if (!placed) open(virtualizer, rows, { hasWritten })
    // Rows are measured as they are drawn, and the position is corrected by that: two frames.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => setTaken(jump))
    })
    return () => cancelAnimationFrame(frame)
  }, [due, placed, jump, hasWritten, rows, virtualizer])

  const [markedSeq, setMarkedSeq] = useState<Seq | null>(null)
  useEffect(() => {
    if (taken == null) return
    setMarkedSeq(taken.seq)
    const timer = setTimeout(() => setMarkedSeq(null), MARKED_MS)
    return () => clearTimeout(timer)
  }, [taken])
  return { placed, moving, markedSeq }
}

function open(
  virtualizer: Virtualizer<HTMLDivElement, HTMLLIElement>,
  rows: readonly TimelineRow[],
  { hasWritten }: { hasWritten: boolean },
): void {
  const line = hasWritten ? -1 : rows.findIndex((row) => row.kind === 'new')
  if (line >= 0) virtualizer.scrollToIndex(line, { align: 'start' })
  else virtualizer.scrollToEnd()
}

function indexOf(rows: readonly TimelineRow[], seq: Seq): number {
  return rows.findIndex(
    (row) =>
      (row.kind === 'message' || row.kind === 'system') &&
      row.message.state === 'sent' &&
      row.message.seq === seq,
  )
}
