import { ArrowDown } from 'lucide-react'
import { useTranslation } from 'react-i18next'

type NewBelowButtonProps = {
  /** Messages of others below what was seen. */
  count: number
  onClick: () => void
}

/** The way back to the newest message when one has scrolled up. */
export function NewBelowButton({ count, onClick }: NewBelowButtonProps) {
  const { t } = useTranslation()
  return (
    <button
      aria-label={count > 0 ? t('room.newBelow', { count }) : t('room.toNewest')}
      className="flex min-h-9 animate-rise items-center gap-1.5 rounded-full border border-line bg-raised px-3 text-1 font-semibold text-action shadow-raised tabular hover:bg-sunken"
      onClick={onClick}
      type="button"
    >
      <ArrowDown aria-hidden="true" size={16} strokeWidth={2} />
      {count > 0 && <span>{t('room.newBelow', { count })}</span>}
    </button>
  )
}
