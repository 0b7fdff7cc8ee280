import type { Virtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState } from 'react'
import type { TimelineRow } from './timeline.ts'
import type { Jump } from './use-message-actions.ts'

/** Long enough for the eye to find it. */
const MARKED_MS = 1_200

/** Goes to the message somebody asked for, once it is loaded; answers its seq while it is marked. */
export function useJump(
  jump: Jump | null,
  virtualizer: Virtualizer<HTMLDivElement, HTMLLIElement>,
  rows: readonly TimelineRow[],
): number | null {
  const [markedSeq, setMarkedSeq] = useState<number | null>(null)
  const done = useRef<Jump | null>(null)
  useEffect(() => {
    if (jump === null || done.current === jump) return
    const index = rows.findIndex(
      (row) => row.kind === 'message' && row.message.state === 'sent' && row.message.seq === jump.seq,
    )
    if (index < 0) return
    done.current = jump
    virtualizer.scrollToIndex(index, { align: 'center' })
    setMarkedSeq(jump.seq)
  }, [jump, rows, virtualizer])
  useEffect(() => {
    if (markedSeq === null) return
    const timer = setTimeout(() => setMarkedSeq(null), MARKED_MS)
    return () => clearTimeout(timer)
  }, [markedSeq])
  return markedSeq
}
