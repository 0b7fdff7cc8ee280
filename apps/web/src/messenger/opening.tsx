import { useTranslation } from 'react-i18next'
import { Sign } from '../ui/sign.tsx'

/** While it is not known yet who one is: the sign draws itself. */
export function Opening() {
  const { t } = useTranslation()
  return (
    <main aria-busy="true" className="grid min-h-dvh animate-late place-content-center">
      <Sign drawing size={48} />
      <p className="sr-only" role="status">
        {t('common.loading')}
      </p>
    </main>
  )
}
