import { type Device, listDevices, signOutDevice } from '@tally/client/extras'
import { Laptop, type LucideIcon, MonitorSmartphone, Smartphone, Tablet } from 'lucide-react'
import { type MouseEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/format-context.ts'
import { useTally } from '../tally/tally-context.ts'
import { Button } from '../ui/button.tsx'
import { neighbourOf } from '../ui/neighbour-of.ts'
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
export function DeviceSettings({ known }: { known: readonly Device[] }) {
  const { t } = useTranslation()
  const tally = useTally()
  const attempt = useAttempt()
  const list = useRef<HTMLUListElement>(null)
  const [devices, setDevices] = useState(known)

  const signOut = async ({ id }: Device, { currentTarget }: MouseEvent<HTMLElement>) => {
    const next = neighbourOf(currentTarget, { list: 'ul', mark: 'data-sign-out' }) ?? list.current
    next?.focus()
    // Gone at once; the server's list says what is there if it was refused.
    setDevices((before) => before.filter((device) => device.id !== id))
    try {
      await signOutDevice(tally, id)
    } catch (error) {
      await listDevices(tally).then(setDevices, () => setDevices(devices))
      throw error
    }
  }
  return (
    <Setting hint={t('settings.devicesHint')} title={t('settings.devices')}>
      <ul className="grid grid-cols-1 gap-3 outline-none" ref={list} tabIndex={-1}>
        {devices
          .toSorted((a, b) => Number(b.current) - Number(a.current))
          .map((device) => (
            <DeviceRow
              device={device}
              key={device.id}
              onSignOut={(event) => attempt(signOut(device, event))}
            />
          ))}
      </ul>
    </Setting>
  )
}

type DeviceRowProps = { device: Device; onSignOut: (event: MouseEvent<HTMLElement>) => void }

function DeviceRow({ device, onSignOut }: DeviceRowProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const now = useNow()
  const { kind, browser, os, current, createdAt, lastSeenAt } = device
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
        <span className="block text-1 text-ink-2 tabular">
          {current ? (
            <strong className="font-semibold text-live">{t('settings.thisDevice')}</strong>
          ) : (
            t('settings.lastSeen', { ago: format.ago(lastSeenAt, now) })
          )}
          {' · '}
          <time dateTime={createdAt} title={format.moment(createdAt)}>
            {t('settings.signedInAt', { at: format.dayTime(createdAt, now) })}
          </time>
        </span>
      </span>
      {!current && (
        <Button aria-label={t('settings.signOutOf', { name })} data-sign-out="" onClick={onSignOut}>
          {t('settings.signOut')}
        </Button>
      )}
    </li>
  )
}
