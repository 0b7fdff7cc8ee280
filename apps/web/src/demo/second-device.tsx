import { isConnected, type RoomState, type Tally } from '@tally/client'
import { Smartphone } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ConnectionIndicator } from '../connection/connection-indicator.tsx'
import { useStore } from '../tally/use-store.ts'
import { Badge } from '../ui/badge.tsx'
import { type Phone, secondDeviceOf } from './start-demo.ts'

type SecondDeviceProps = {
  phone: Phone
  /** Its badge is to be checked as well. */
  onDevice: (tally: Tally) => () => void
}

/** A further device of the same person, as small as it can be: its total, and its newest room. */
export function SecondDevice({ phone, onDevice }: SecondDeviceProps) {
  const { t } = useTranslation()
  const [{ tally }] = useState(() => secondDeviceOf(phone))
  useEffect(() => {
    tally.start()
    const end = onDevice(tally)
    return () => {
      end()
      void tally.stop()
    }
  }, [tally, onDevice])
  const badge = useStore(tally.badge)
  const connection = useStore(tally.connection)
  const { items } = useStore(tally.rooms)
  const total = badge?.total ?? 0
  const newest: RoomState | undefined = items[0]
  return (
    <div
      className="flex animate-rise items-center gap-3 rounded-3 border border-line bg-raised px-4 py-3 shadow-raised"
      data-testid="second-device"
    >
      <Smartphone aria-hidden="true" className="shrink-0 text-ink-2" size={24} strokeWidth={1.5} />
      <span className="grid min-w-0 flex-1">
        <span className="truncate font-semibold">{t('demo.secondTitle', { name: phone.person.name })}</span>
        <span className="truncate text-1 text-ink-2" dir="auto">
          {newest?.lastMessage?.text ?? ''}
        </span>
      </span>
      {!isConnected(connection) && <ConnectionIndicator connection={connection} />}
      <Badge count={total} label={t('badge.unread', { count: total })} />
    </div>
  )
}
