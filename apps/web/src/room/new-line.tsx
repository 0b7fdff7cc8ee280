import { useTranslation } from 'react-i18next'

/** The line above the first unread message. `count` is null when there are more than are loaded. */
export function NewLine({ count }: { count: number | null }) {
  const { t } = useTranslation()
  return (
    <div className="flex items-center gap-3 py-2.5 text-1 font-semibold text-new tabular before:h-px before:flex-1 before:bg-current before:opacity-35 after:h-px after:flex-1 after:bg-current after:opacity-35">
      {count === null ? t('room.newFromHere') : t('room.newLine', { count })}
    </div>
  )
}
