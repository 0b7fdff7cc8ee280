import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'
import { Sign } from '../ui/sign.tsx'
import { useSession } from './session.ts'

/** The token is not accepted any more: the way back in. */
export function SessionEnded() {
  const { t } = useTranslation()
  const session = useSession()
  return (
    <main className="grid min-h-dvh place-content-center justify-items-center gap-3 p-6 text-center">
      <Sign size={40} />
      <h1 className="mt-3 text-4 font-bold tracking-tight">{t('session.endedTitle')}</h1>
      <p className="text-ink-2">{t('session.ended')}</p>
      <Button className="mt-3" onClick={session.signOut} tone="primary">
        {t('session.signInAgain')}
      </Button>
    </main>
  )
}
