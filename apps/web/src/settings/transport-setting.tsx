import { useTranslation } from 'react-i18next'
import { useConnectionWords } from '../connection/use-connection-words.ts'
import { useChoice, usePreferences } from '../preferences.ts'
import { useTally } from '../tally/tally-context.ts'
import { useStore } from '../tally/use-store.ts'
import { Segmented } from '../ui/segmented.tsx'
import { TRANSPORTS } from './transports.ts'

/** How news travel: by themselves as it works best, or by one way alone; and how they do right now. */
export function TransportSetting() {
  const { t } = useTranslation()
  const [transport, setTransport] = useChoice(usePreferences().transport)
  const words = useConnectionWords(useStore(useTally().connection))
  return (
    <>
      <Segmented
        label={t('settings.transport')}
        onChange={setTransport}
        options={TRANSPORTS.map((value) => ({ value, text: t(`settings.transports.${value}`) }))}
        value={transport}
      />
      <p className="text-1 text-ink-2 tabular" data-transport="">
        {words ?? t('connection.none')}
      </p>
    </>
  )
}
