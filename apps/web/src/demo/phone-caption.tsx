import { useTranslation } from 'react-i18next'
import { ConnectionIndicator } from '../connection/connection-indicator.tsx'
import { sideWord } from '../session/side-word.ts'
import { useStore } from '../tally/use-store.ts'
import { Pill } from './pill.tsx'
import type { Phone } from './start-demo.ts'

type PhoneCaptionProps = {
  phone: Phone
  /** Hears of news by asking for them, not over a WebSocket. */
  polling: boolean
  onPolling: (polling: boolean) => void
  offline: boolean
  onOffline: (offline: boolean) => void
  second: boolean
  onSecond: (second: boolean) => void
}

/** Whose phone it is, how its connection does, and what can be done to it. */
export function PhoneCaption(props: PhoneCaptionProps) {
  const { phone, polling, onPolling, offline, onOffline, second, onSecond } = props
  const { t } = useTranslation()
  const connection = useStore(phone.tally.connection)
  const { name, userType } = phone.person
  return (
    <div className="grid justify-items-center gap-3">
      <p className="flex flex-wrap items-center justify-center gap-x-3 text-ink-2">
        <span>
          <span className="font-semibold text-ink" dir="auto">
            {name}
          </span>
          {userType !== null && ` · ${sideWord(t, userType)}`}
        </span>
        <ConnectionIndicator connection={connection} />
      </p>
      <div className="flex flex-wrap justify-center gap-2">
        <Pill on={polling} onClick={() => onPolling(!polling)}>
          {t('settings.transports.polling')}
        </Pill>
        <Pill on={offline} onClick={() => onOffline(!offline)}>
          {t('demo.offline')}
        </Pill>
        <Pill on={second} onClick={() => onSecond(!second)}>
          {t('demo.second')}
        </Pill>
      </div>
    </div>
  )
}
