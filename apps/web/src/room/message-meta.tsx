import { useTranslation } from 'react-i18next'
import { SendSign, type SendState } from '../ui/send-sign.tsx'

type MessageMetaProps = {
  /** When (ISO 8601), as written (오후 2:41), and in full. */
  at: string
  time: string
  moment: string
  own: boolean
  edited: boolean
  /** How far an own message has come; `null` for the messages of others. */
  state: SendState | null
  /** In a room of several: how many of the others have it, and have read it; otherwise 0. */
  deliveredTo: number
  readers: number
  others: number
  /** No connection: what is on its way waits for it. */
  waiting: boolean
  onRetry: () => void
  onDiscard: () => void
}

/** The line below a group of messages: when, and how far it has come, as a sign and in words. */
export function MessageMeta(props: MessageMetaProps) {
  const { at, time, moment, own, edited, state, deliveredTo, readers, others, onRetry, onDiscard } = props
  const { t } = useTranslation()
  const failed = state === 'failed'
  return (
    <div
      className={`flex flex-wrap items-center gap-x-1 px-1 pb-2 text-1 tabular ${own ? 'justify-end self-end' : 'self-start'} ${failed ? 'text-warn' : 'text-ink-3'}`}
    >
      <time dateTime={at} title={moment}>
        {time}
      </time>
      {edited && <span>· {t('message.edited')}</span>}
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
      {failed && (
        <>
          <button
            className="ml-1 min-h-6 rounded-1 px-1 font-semibold text-action hover:underline"
            onClick={onRetry}
            type="button"
          >
            {t('message.retry')}
          </button>
          <button
            className="min-h-6 rounded-1 px-1 text-ink-2 hover:underline"
            onClick={onDiscard}
            type="button"
          >
            {t('message.discard')}
          </button>
        </>
      )}
    </div>
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
