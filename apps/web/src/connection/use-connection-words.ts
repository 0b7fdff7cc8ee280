import type { ConnectionStatus } from '@tally/client'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/format-context.ts'
import { useBadgeLatency } from './badge-latency.ts'

/** Which way news come right now, and how long the last badge took; `undefined` while there is no connection. */
export function useConnectionWords({ transport }: ConnectionStatus): string | undefined {
  const { t } = useTranslation()
  const format = useFormat()
  const latencyMs = useBadgeLatency()
  if (transport === null) return undefined
  const way = t(`settings.transports.${transport}`)
  return latencyMs === null
    ? t('connection.way', { way })
    : t('connection.wayAndBadge', { way, ms: format.number(latencyMs) })
}
