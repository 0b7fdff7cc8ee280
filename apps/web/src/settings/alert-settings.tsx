import { useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { type AlertKind, useAlertStore } from '../alerts/alert-settings.ts'
import { desktopPermission } from '../alerts/desktop-notification.ts'
import { Setting, Switch } from './setting.tsx'

const KINDS: readonly AlertKind[] = ['messages', 'news']

const HINTS = {
  default: 'settings.desktopHint',
  granted: 'settings.desktopHint',
  denied: 'settings.desktopDenied',
  unsupported: 'settings.desktopUnsupported',
} as const

/** What this browser may do to be noticed: what it alone can know or decide. */
export function AlertsSetting() {
  const { t } = useTranslation()
  const store = useAlertStore()
  const settings = useSyncExternalStore(store.subscribe, store.get)
  const [permission, setPermission] = useState(desktopPermission)
  const setDesktop = async (desktop: boolean) => {
    // Asked here, because somebody has just said that they want it.
    const answer = desktop && permission === 'default' ? await Notification.requestPermission() : permission
    setPermission(answer)
    store.set({ ...settings, desktop: desktop && answer === 'granted' })
  }
  return (
    <Setting hint={t(HINTS[permission])} title={t('settings.here')}>
      <Switch
        checked={permission === 'granted' && settings.desktop}
        disabled={permission === 'denied' || permission === 'unsupported'}
        label={t('settings.desktop')}
        onChange={(on) => void setDesktop(on)}
      />
      {KINDS.map((kind) => (
        <Switch
          checked={settings.sound[kind]}
          key={kind}
          label={t(`settings.soundsFor.${kind}`)}
          onChange={(on) => store.set({ ...settings, sound: { ...settings.sound, [kind]: on } })}
        />
      ))}
    </Setting>
  )
}
