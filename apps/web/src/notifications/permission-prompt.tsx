import { BellRing } from 'lucide-react'
import { useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { useAlertStore } from '../alerts/alert-settings.ts'
import { desktopPermission } from '../alerts/desktop-notification.ts'
import { Button } from '../ui/button.tsx'

/** Asks before the browser does: its own question can be put only once, and "no" there is for ever. */
export function PermissionPrompt() {
  const { t } = useTranslation()
  const store = useAlertStore()
  const settings = useSyncExternalStore(store.subscribe, store.get)
  const [permission, setPermission] = useState(desktopPermission)
  if (permission !== 'default' || settings.declined) return null
  const turnOn = async () => {
    const answer = await Notification.requestPermission()
    setPermission(answer)
    store.set({
      ...settings,
      declined: answer !== 'granted',
      desktop: answer === 'granted',
    })
  }
  return (
    <div className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-2 border-b border-line bg-paper px-4 py-3">
      <BellRing aria-hidden="true" className="mt-0.5 text-action" size={18} strokeWidth={1.75} />
      <p>{t('notifications.ask')}</p>
      <div className="col-start-2 flex flex-wrap gap-2">
        <Button onClick={() => void turnOn()} tone="primary">
          {t('notifications.turnOn')}
        </Button>
        <Button onClick={() => store.set({ ...settings, declined: true })}>
          {t('notifications.notNow')}
        </Button>
      </div>
    </div>
  )
}
