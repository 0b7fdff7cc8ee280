import type { Reaction, UserId } from '@tally/protocol'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/format-context.ts'

type ReactionsProps = {
  reactions: readonly Reaction[]
  meId: UserId | undefined
  onReact: (emoji: string, on: boolean) => void
}

/** The emoji on a message; pressing one adds or takes away one's own. */
export function Reactions({ reactions, meId, onReact }: ReactionsProps) {
  const { t } = useTranslation()
  const format = useFormat()
  if (reactions.length === 0) return null
  return (
    <div className="-mt-1.5 mb-1 flex flex-wrap gap-1 px-2.5">
      {reactions.map(({ emoji, userIds }) => {
        const mine = userIds.some((id) => id === meId)
        return (
          <button
            aria-pressed={mine}
            className={`inline-flex min-h-6 items-center gap-1 rounded-full border bg-raised px-2 text-1 tabular ${mine ? 'border-action text-action' : 'border-line text-ink hover:border-ink-3'}`}
            key={emoji}
            onClick={() => onReact(emoji, !mine)}
            title={t('message.reaction', { emoji, count: userIds.length })}
            type="button"
          >
            <span>{emoji}</span> <span>{format.number(userIds.length)}</span>
          </button>
        )
      })}
    </div>
  )
}
