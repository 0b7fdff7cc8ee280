import { useTranslation } from 'react-i18next'
import { Link } from './routing/link.tsx'
import { Sign } from './ui/sign.tsx'

/** An address that is none of ours. */
export function UnknownPage() {
  const { t } = useTranslation()
  return (
    <main className="grid min-h-dvh place-content-center justify-items-center gap-3 p-6 text-center">
      <Sign size={40} />
      <h1 className="text-3 text-ink-2">{t('common.unknownPage')}</h1>
      <Link className="font-semibold text-action hover:underline" to="/">
        {t('common.toChats')}
      </Link>
    </main>
  )
}
