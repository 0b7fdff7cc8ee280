import { ArrowLeft } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from '../routing/link.tsx'

/** From a room to the list, where there is no room for both. */
export function BackLink() {
  const { t } = useTranslation()
  return (
    <Link
      aria-label={t('common.back')}
      className="-ml-2 grid size-9 place-items-center rounded-2 text-ink-2 hover:bg-sunken @3xl/screen:hidden"
      to="/"
    >
      <ArrowLeft aria-hidden="true" size={20} strokeWidth={1.75} />
    </Link>
  )
}
