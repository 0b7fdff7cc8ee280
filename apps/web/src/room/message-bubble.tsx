import type { Attachment, MessageState } from '@tally/client'
import { FileText, Video } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { MessageFiles } from '../files/message-files.tsx'

const CARDS = { resume: FileText, video_introduction: Video }

type MessageBubbleProps = {
  message: MessageState
  own: boolean
  /** What it answers, above its text. */
  quote?: ReactNode
}

/** What somebody said. Always text: nothing in it becomes markup, a link or an address. */
export function MessageBubble({ message, own, quote }: MessageBubbleProps) {
  const { t } = useTranslation()
  if (message.state === 'sent' && message.deletedAt !== undefined) {
    return <p className="rounded-3 border border-line px-3.5 py-2 text-ink-3">{t('message.deleted')}</p>
  }
  const { type, attachments = [] } = message
  if (type === 'resume' || type === 'video_introduction') {
    const Icon = CARDS[type]
    return (
      <div className="grid w-80 max-w-full grid-cols-[40px_minmax(0,1fr)] items-center gap-x-3 rounded-3 border border-line bg-raised px-3.5 py-3">
        <span className="grid size-10 place-items-center rounded-avatar bg-sunken text-ink-2">
          <Icon aria-hidden="true" size={20} strokeWidth={1.75} />
        </span>
        <div className="min-w-0">
          <p className="font-semibold">{t(`message.type.${type}`)}</p>
          <p className="whitespace-pre-wrap wrap-anywhere text-ink-2" dir="auto">
            {message.text}
            <Edited message={message} />
          </p>
        </div>
      </div>
    )
  }
  const hasQuote = quote != null && quote !== false
  // Without words of its own a message with files has their names for a text: the files say them already.
  const said = attachments.length > 0 && message.text === namesOf(attachments) ? '' : message.text
  return (
    <>
      {(said !== '' || hasQuote || attachments.length === 0) && (
        <div
          className={`rounded-3 px-3.5 py-2 ${own ? 'bg-own' : 'bg-sunken'} ${message.state === 'failed' ? 'opacity-75' : ''} ${attachments.length > 0 ? 'mb-1' : ''}`}
        >
          {quote}
          <p className="whitespace-pre-wrap wrap-anywhere" dir="auto">
            {said}
            <Edited message={message} />
          </p>
        </div>
      )}
      <MessageFiles files={attachments} own={own} />
    </>
  )
}

function Edited({ message }: { message: MessageState }) {
  const { t } = useTranslation()
  if (message.state !== 'sent' || message.editedAt === undefined) return null
  return <span className="text-1 text-ink-2">{` ${t('message.edited')}`}</span>
}

function namesOf(files: readonly Attachment[]): string {
  return files.map(({ name }) => name).join(', ')
}
