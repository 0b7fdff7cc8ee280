import { LIMITS, RequestError, type RoomId, type SentMessage } from '@tally/client'
import { type FormEvent, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { useTyping } from '../hooks/use-typing.ts'
import { useTally } from '../tally-context.ts'
import type { Texts } from '../texts/texts.ts'
import { useWording } from '../texts/texts-context.ts'
import { classNames } from './class-names.ts'
import { VisuallyHidden } from './visually-hidden.tsx'

export type MessageInputProps = {
  roomId: RoomId
  /** What is answered, and by which name its writer goes. */
  replyTo?: { message: SentMessage; name: string } | null | undefined
  onCancelReply?: (() => void) | undefined
  /** After a message was taken over; it is in the room's messages already. */
  onSend?: ((text: string) => void) | undefined
  /** In characters; 4,000 unless given. The server's own limit decides in the end. */
  maxLength?: number | undefined
  autoFocus?: boolean
  texts?: Partial<Texts> | undefined
  className?: string
}

/** Where one writes. Enter sends, Shift+Enter begins a line; on a touch keyboard Enter begins a line. */
export function MessageInput(props: MessageInputProps): ReactNode {
  const { roomId, replyTo, onCancelReply, maxLength = LIMITS.messageChars, autoFocus = false } = props
  const { texts: words } = useWording(props.texts)
  const tally = useTally()
  const { setTyping } = useTyping(roomId)
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const field = useRef<HTMLTextAreaElement>(null)
  const length = [...text.trim()].length
  const replySeq = replyTo?.message.seq
  const ready = length > 0 && length <= maxLength

  useEffect(() => () => setTyping(false), [setTyping])
  useEffect(() => {
    if (autoFocus || replySeq !== undefined) field.current?.focus({ preventScroll: true })
  }, [autoFocus, replySeq])

  const change = (next: string) => {
    setText(next)
    setProblem(null)
    setTyping(next.trim() !== '')
  }
  const submit = () => {
    if (!ready) return
    try {
      tally.room(roomId).send(text, replyTo ? { replyTo: replyTo.message.seq } : {})
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      // What was written stays in the field.
      setProblem(words.failed)
      return
    }
    props.onSend?.(text.trim())
    setText('')
    setTyping(false)
    onCancelReply?.()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    // While a Korean syllable is being put together, Enter ends the syllable, not the message.
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Escape' && replyTo) onCancelReply?.()
    if (event.key !== 'Enter' || event.shiftKey || matchMedia('(pointer: coarse)').matches) return
    event.preventDefault()
    submit()
  }
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    submit()
    field.current?.focus({ preventScroll: true })
  }
  const tooLong = length > maxLength ? words.tooLong(length, maxLength) : null
  return (
    <form className={classNames('tally tally-input', props.className)} onSubmit={onSubmit}>
      {replyTo && (
        <p className="tally-replying">
          <span dir="auto">
            {words.replyTo(replyTo.name)} <q>{replyTo.message.text}</q>
          </span>
          <button
            aria-label={words.cancelReply}
            className="tally-quiet"
            onClick={onCancelReply}
            type="button"
          >
            <span aria-hidden="true">×</span>
          </button>
        </p>
      )}
      <div className="tally-input-row">
        <label className="tally-input-label">
          <VisuallyHidden>{words.writeMessage}</VisuallyHidden>
          <textarea
            aria-invalid={tooLong !== null}
            dir="auto"
            onChange={(event) => change(event.target.value)}
            onKeyDown={onKeyDown}
            placeholder={words.writeMessage}
            ref={field}
            rows={1}
            value={text}
          />
        </label>
        <button className="tally-send" disabled={!ready} type="submit">
          {words.send}
        </button>
      </div>
      {(tooLong ?? problem) !== null && (
        <p className="tally-problem" role="alert">
          {tooLong ?? problem}
        </p>
      )}
    </form>
  )
}
