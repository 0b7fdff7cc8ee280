import { useTranslation } from 'react-i18next'

type ReplyQuoteProps = {
  /** Who wrote the original; `null`: somebody who left. */
  name: string | null
  /** The original's text; `null`: deleted, or not loaded. */
  text: string | null
  onOpen: () => void
}

/** The message that another one answers, in one line; pressing it goes there. */
export function ReplyQuote({ name, text, onOpen }: ReplyQuoteProps) {
  const { t } = useTranslation()
  return (
    <button
      className="mb-1 grid max-w-full justify-items-start border-l-2 border-line pl-2 text-left text-1 text-ink-2 hover:border-ink-3"
      onClick={onOpen}
      title={t('message.original')}
      type="button"
    >
      <span className="sr-only">{t('message.inReplyTo', { name: name ?? t('person.former') })}</span>
      <span aria-hidden="true" className="max-w-full truncate font-semibold" dir="auto">
        {name ?? t('person.former')}
      </span>
      <span className="line-clamp-2" dir="auto">
        {text ?? t('chats.deleted')}
      </span>
    </button>
  )
}
