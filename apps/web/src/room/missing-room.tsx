import { useTranslation } from 'react-i18next'
import { Link } from '../routing/link.tsx'

/** There is no such room, or it is not one's own: the two look the same on purpose. */
export function MissingRoom() {
  const { t } = useTranslation()
  return (
    <div className="grid flex-1 place-content-center justify-items-center gap-3 p-6 text-center">
      <p className="text-3 text-ink-2">{t('room.missing')}</p>
      <Link className="font-semibold text-action hover:underline" to="/">
        {t('common.toChats')}
      </Link>
    </div>
  )
}
