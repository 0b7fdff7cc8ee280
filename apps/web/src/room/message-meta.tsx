import type { RequestError } from '@tally/protocol'
import { useTranslation } from 'react-i18next'
import { SendSign, type SendState } from '../ui/send-sign.tsx'
import { useRefusalWords } from '../use-attempt.ts'

/** Why a message was not sent, and what can be done about it. */
export type SendFailure = {
  error: RequestError | undefined
  /** `null` where the same message would be refused again. */
  onRetry: (() => void) | null
  /** Takes it back to be written anew; `null` where there is nothing to write. */
  onRewrite: (() => void) | null
  onDiscard: () => void
}

type MessageMetaProps = {
  /** When (ISO 8601), as written (오후 2:41), and in full. */
  at: string
  time: string
  moment: string
  own: boolean
  /** How far an own message has come; `null` for the messages of others. */
  state: SendState | null
  /** In a room of several: how many of the others have it, and have read it; otherwise 0. */
  deliveredTo: number
  readers: number
  others: number
  /** No connection: what is on its way waits for it. */
  waiting: boolean
  /** It was not sent. */
  failure?: SendFailure | undefined
}

/** The line below a group of messages: when, and how far it has come, as a sign and in words. */
export function MessageMeta(props: MessageMetaProps) {
  const { at, time, moment, own, state, deliveredTo, readers, others, failure } = props
  const { t } = useTranslation()
  return (
    <div
      className={`flex flex-wrap items-center gap-x-1 px-1 pb-2 text-1 tabular ${own ? 'justify-end self-end' : 'self-start'} ${failure === undefined ? 'text-ink-3' : 'text-warn'}`}
    >
      <time dateTime={at} title={moment}>
        {time}
      </time>
      {state !== null && (
        <span
          className="inline-flex items-center gap-1"
          data-send-state={state}
          title={
            others > 0
              ? t('message.reached', { delivered: deliveredTo, read: readers, of: others })
              : undefined
          }
        >
          · <SendSign state={state} /> <StateWords {...props} />
        </span>
      )}
      {failure !== undefined && <Failure {...failure} />}
    </div>
  )
}

function Failure({ error, onRetry, onRewrite, onDiscard }: SendFailure) {
  const { t } = useTranslation()
  const words = useRefusalWords()
  return (
    <>
      {error !== undefined && <span>· {words(error)}</span>}
      {onRetry !== null && <Remedy onClick={onRetry} text={t('message.retry')} />}
      {onRewrite !== null && <Remedy onClick={onRewrite} text={t('message.edit')} />}
      <button className="min-h-6 rounded-1 px-1 text-ink-2 hover:underline" onClick={onDiscard} type="button">
        {t('message.discard')}
      </button>
    </>
  )
}

function Remedy({ text, onClick }: { text: string; onClick: () => void }) {
  return (
    <button
      className="ml-1 min-h-6 rounded-1 px-1 font-semibold text-action hover:underline"
      onClick={onClick}
      type="button"
    >
      {text}
    </button>
  )
}

function StateWords({ state, readers, waiting }: MessageMetaProps) {
  const { t } = useTranslation()
  if (state === null) return null
  if (state === 'sending' && waiting) return t('message.queued')
  if ((state === 'sent' || state === 'delivered') && readers > 0)
    return t('message.readBy', { count: readers })
  return t(`message.${state}`)
}
