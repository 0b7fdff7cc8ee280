import type { RoomHandle } from '@tally/client'
import type { Seq } from '@tally/protocol'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { RoomPlace } from '../routing/route.ts'
import { useAttempt } from '../use-attempt.ts'

/** A message to go to; another object each time, so that going to the same one twice goes there twice. */
export type Jump = {
  seq: Seq
  /** It is loaded, or cannot be had. Until then nothing that is on the screen counts as looked at. */
  ready: boolean
}

type JumpsInput = {
  place: RoomPlace
  /** What a room shows when it opens is there: only now is it known what was new. */
  opened: boolean
}

/** The way to the message that the address names, once for each arrival, and to those that are asked for later. */
export function useJumps(
  handle: RoomHandle,
  { place, opened }: JumpsInput,
): { jump: Jump | null; jumpTo: (seq: Seq) => void } {
  const attempt = useAttempt()
  const [latest, setLatest] = useState<Jump | null>(null)
  const go = async (seq: Seq) => {
    const going = { seq, ready: false }
    setLatest(going)
    try {
      await handle.loadAround(seq)
    } finally {
      setLatest((now) => (now === going ? { seq, ready: true } : now))
    }
  }
  const jumpTo = (seq: Seq) => attempt(go(seq))

  const [arrivedAt, setArrivedAt] = useState<RoomPlace | null>(null)
  const awaited = useMemo(() => (place.seq === undefined ? null : { seq: place.seq, ready: false }), [place])
  const arriving = arrivedAt === place ? null : awaited
  const arrive = useRef<(seq: Seq) => void>(undefined)
  arrive.current = (seq) => {
    setArrivedAt(place)
    jumpTo(seq)
  }
  useEffect(() => {
    if (opened && arriving !== null) arrive.current?.(arriving.seq)
  }, [opened, arriving])
  return { jump: arriving ?? latest, jumpTo }
}
