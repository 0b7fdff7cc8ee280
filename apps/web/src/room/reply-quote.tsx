import { useTranslation } from 'react-i18next'

type ReplyQuoteProps = {
  /** Who wrote the original and what; both `null` while it is not loaded. */
  name: string | null
  text: string | null
  onOpen: () => void
}

/** The message that another one answers, in a line or two; pressing it goes there. */
export function ReplyQuote({ name, text, onOpen }: ReplyQuoteProps) {
  const { t } = useTranslation()
  return (
    <button
      className="mb-1 grid max-w-full justify-items-start border-l-2 border-line pl-2 text-left text-1 text-ink-2 hover:border-ink-3"
      onClick={onOpen}
      title={t('message.original')}
      type="button"
    >
      <span className="sr-only">{t('message.reply')}</span>
      {name !== null && (
        <span className="max-w-full truncate font-semibold" dir="auto">
          {name}
        </span>
      )}
      <span className="line-clamp-2" dir="auto">
        {text ?? t('message.original')}
      </span>
    </button>
  )
}
