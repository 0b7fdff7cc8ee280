import type { MessageState } from '@tally/client'
import type { ReactNode } from 'react'
import { MessageBubble } from './message-bubble.tsx'

type MessageRowProps = {
  message: MessageState
  own: boolean
  /** Who wrote it, for those who do not see on which side it stands. */
  name: string
  /** What it answers. */
  quote?: ReactNode
  reactions?: ReactNode
  /** The line below the last one of a group. */
  meta?: ReactNode
  /** What one can do with it; there only while one could. */
  toolbar?: ReactNode
  /** For a moment, when somebody jumped to it. */
  marked?: boolean
}

/** A message in its place: bubble, reactions, what can be done with it, and the line below. */
export function MessageRow({
  message,
  own,
  name,
  quote,
  reactions,
  meta,
  toolbar,
  marked = false,
}: MessageRowProps) {
  const side = own ? 'items-end' : 'items-start'
  return (
    <div
      className={`-mx-2 flex flex-col rounded-3 px-2 pb-1 transition-[background-color] duration-180 ${side} ${marked ? 'bg-own/60' : ''}`}
    >
      <div className={`relative flex max-w-[84%] flex-col @md:max-w-[62%] ${side}`}>
        <span className="sr-only">{`${name}: `}</span>
        <MessageBubble message={message} own={own} quote={quote} />
        {reactions}
        {toolbar != null && (
          <div
            className={`absolute -top-6 z-10 @md:top-0.5 ${own ? 'right-2 @md:right-full @md:mr-1.5' : 'left-2 @md:left-full @md:ml-1.5'}`}
          >
            {toolbar}
          </div>
        )}
      </div>
      {meta}
    </div>
  )
}
