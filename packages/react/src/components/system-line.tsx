import type { SentMessage } from '@tally/client'
import type { ReactNode } from 'react'
import { useMark } from './use-seen.ts'

type SystemLineProps = {
  message: SentMessage
  onMark: (mark: HTMLElement | null) => (() => void) | undefined
}

/** What happened in the room, told by nobody. */
export function SystemLine({ message, onMark }: SystemLineProps): ReactNode {
  const mark = useMark(onMark)
  return (
    <p className="tally-system" dir="auto">
      {message.text}
      <span aria-hidden="true" className="tally-mark" data-seen-seq={message.seq} ref={mark} />
    </p>
  )
}
