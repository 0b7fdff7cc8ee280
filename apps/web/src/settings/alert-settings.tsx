import { useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import {
  type AlertChannel,
  type AlertKind,
  type AlertSettings,
  useAlertStore,
} from '../alerts/alert-settings.ts'
import { desktopPermission } from '../alerts/desktop-notification.ts'
import { Setting, Switch } from './setting.tsx'

const KINDS: readonly AlertKind[] = ['messages', 'news']

/** What may interrupt, how, and when not. */
export function AlertsSetting() {
  const { t } = useTranslation()
  const store = useAlertStore()
  const settings = useSyncExternalStore(store.subscribe, store.get)
  const [permission, setPermission] = useState(desktopPermission)
  const set = (channel: AlertChannel, kind: AlertKind, on: boolean) =>
    store.set({ ...settings, [channel]: { ...settings[channel], [kind]: on } })
  const setDesktop = async (kind: AlertKind, on: boolean) => {
    // Asked here, because somebody has just said that they want it.
    if (on && permission === 'default') {
      const answer = await Notification.requestPermission()
      setPermission(answer)
      if (answer !== 'granted') return
    }
    set('desktop', kind, on)
  }
  const granted = permission === 'granted'
  return (
    <>
      <Setting title={t('settings.sounds')}>
        {KINDS.map((kind) => (
          <Switch
            checked={settings.sound[kind]}
            key={kind}
            label={t(`settings.kinds.${kind}`)}
            onChange={(on) => set('sound', kind, on)}
          />
        ))}
      </Setting>
      <Setting
        hint={t(
          permission === 'denied'
            ? 'settings.desktopDenied'
            : permission === 'unsupported'
              ? 'settings.desktopUnsupported'
              : 'settings.desktopHint',
        )}
        title={t('settings.desktop')}
      >
        {KINDS.map((kind) => (
          <Switch
            checked={granted && settings.desktop[kind]}
            disabled={permission === 'denied' || permission === 'unsupported'}
            key={kind}
            label={t(`settings.kinds.${kind}`)}
            onChange={(on) => void setDesktop(kind, on)}
          />
        ))}
      </Setting>
      <QuietHours onChange={(quiet) => store.set({ ...settings, quiet })} quiet={settings.quiet} />
    </>
  )
}

type Quiet = AlertSettings['quiet']

function QuietHours({ quiet, onChange }: { quiet: Quiet; onChange: (quiet: Quiet) => void }) {
  const { t } = useTranslation()
  return (
    <Setting hint={t('settings.quietHint')} title={t('settings.quiet')}>
      <Switch
        checked={quiet.on}
        label={t('settings.quietOn')}
        onChange={(on) => onChange({ ...quiet, on })}
      />
      {quiet.on && (
        <div className="flex flex-wrap items-center gap-2">
          {(['from', 'to'] as const).map((end) => (
            <label className="flex items-center gap-2" key={end}>
              <span className="text-ink-2">{t(`settings.quietEnds.${end}`)}</span>
              <input
                className="h-9 rounded-2 border border-line bg-paper px-2 text-2 tabular"
                onChange={(event) =>
                  event.target.value !== '' && onChange({ ...quiet, [end]: event.target.value })
                }
                type="time"
                value={quiet[end]}
              />
            </label>
          ))}
        </div>
      )}
    </Setting>
  )
}
