import { X } from 'lucide-react'
import { useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { useAlertStore } from '../alerts/alert-settings.ts'
import { desktopPermission } from '../alerts/desktop-notification.ts'
import { Button } from '../ui/button.tsx'
import { IconButton } from '../ui/icon-button.tsx'

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
    <div className="flex items-center gap-2 border-b border-line bg-paper py-1.5 pr-2 pl-4">
      <p className="min-w-0 flex-1">{t('notifications.ask')}</p>
      <Button onClick={() => void turnOn()} tone="primary">
        {t('notifications.turnOn')}
      </Button>
      <IconButton
        icon={X}
        label={t('notifications.notNow')}
        onClick={() => store.set({ ...settings, declined: true })}
      />
    </div>
  )
}
