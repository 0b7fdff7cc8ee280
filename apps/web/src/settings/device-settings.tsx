import { type Device, listDevices, signOutDevice } from '@tally/client/extras'
import { Laptop, type LucideIcon, MonitorSmartphone, Smartphone, Tablet } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/format-context.ts'
import { useTally } from '../tally/tally-context.ts'
import { Button } from '../ui/button.tsx'
import { useAttempt } from '../use-attempt.ts'
import { useNow } from '../use-now.ts'
import { Setting } from './setting.tsx'

const ICONS: Record<Device['kind'], LucideIcon> = {
  computer: Laptop,
  phone: Smartphone,
  tablet: Tablet,
  other: MonitorSmartphone,
}

/** Where one is signed in, and how to end that from here. */
export function DeviceSettings() {
  const { t } = useTranslation()
  const tally = useTally()
  const attempt = useAttempt()
  const [devices, setDevices] = useState<readonly Device[] | null>(null)
  useEffect(() => attempt(listDevices(tally).then(setDevices)), [tally, attempt])

  const signOut = async ({ id }: Device) => {
    // Gone at once; the server's list says what is there if it was refused.
    setDevices((before) => before?.filter((device) => device.id !== id) ?? null)
    try {
      await signOutDevice(tally, id)
    } catch (error) {
      await listDevices(tally).then(setDevices, () => setDevices(devices))
      throw error
    }
  }
  if (devices === null) {
    return (
      <Setting hint={t('settings.devicesHint')} title={t('settings.devices')}>
        <div aria-hidden="true" className="animate-breathe rounded-1 bg-line/70">
          <span className="block">&nbsp;</span>
          <span className="block text-1">&nbsp;</span>
        </div>
      </Setting>
    )
  }
  return (
    <Setting hint={t('settings.devicesHint')} title={t('settings.devices')}>
      <ul className="grid gap-3">
        {devices
          .toSorted((a, b) => Number(b.current) - Number(a.current))
          .map((device) => (
            <DeviceRow device={device} key={device.id} onSignOut={() => attempt(signOut(device))} />
          ))}
      </ul>
    </Setting>
  )
}

function DeviceRow({ device, onSignOut }: { device: Device; onSignOut: () => void }) {
  const { t } = useTranslation()
  const format = useFormat()
  const now = useNow()
  const { kind, browser, os, current, lastSeenAt } = device
  const Icon = ICONS[kind]
  const looks = [browser, os].filter((word) => word !== null).join(' · ')
  const name = device.name ?? (looks || t(`settings.deviceKinds.${kind}`))
  return (
    <li className="flex items-center gap-3" data-device={device.id}>
      <Icon aria-hidden="true" className="shrink-0 text-ink-2" size={20} strokeWidth={1.75} />
      <span className="min-w-0 flex-1">
        <span className="block truncate" dir="auto">
          {name}
        </span>
        <span className={`block text-1 ${current ? 'font-semibold text-live' : 'text-ink-2'}`}>
          {current ? t('settings.thisDevice') : t('settings.lastSeen', { ago: format.ago(lastSeenAt, now) })}
        </span>
      </span>
      {!current && (
        <Button aria-label={t('settings.signOutOf', { name })} onClick={onSignOut}>
          {t('settings.signOut')}
        </Button>
      )}
    </li>
  )
}
