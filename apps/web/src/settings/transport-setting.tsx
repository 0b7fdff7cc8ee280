import { useTranslation } from 'react-i18next'
import { useChoice, usePreferences } from '../preferences.ts'
import { Segmented } from '../ui/segmented.tsx'
import { TRANSPORTS } from './transports.ts'

/** How news travel: by themselves as it works best, or by one way alone. */
export function TransportSetting() {
  const { t } = useTranslation()
  const [transport, setTransport] = useChoice(usePreferences().transport)
  return (
    <Segmented
      label={t('settings.transport')}
      onChange={setTransport}
      options={TRANSPORTS.map((value) => ({ value, text: t(`settings.transports.${value}`) }))}
      value={transport}
    />
  )
}
