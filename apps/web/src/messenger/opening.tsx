import { useTranslation } from 'react-i18next'
import { Sign } from '../ui/sign.tsx'

/** While it is not known yet who one is: the sign draws itself. */
export function Opening({ offline = false }: { offline?: boolean }) {
  const { t } = useTranslation()
  return (
    <main
      aria-busy="true"
      className="grid min-h-dvh animate-late place-content-center justify-items-center gap-4 p-6"
    >
      <Sign drawing={!offline} size={48} />
      <p className={offline ? 'max-w-[36ch] text-center text-balance text-ink-2' : 'sr-only'} role="status">
        {t(offline ? 'connection.offlineStart' : 'common.loading')}
      </p>
    </main>
  )
}
