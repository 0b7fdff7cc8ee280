import type { ConnectionStatus } from '@tally/client'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/format-context.ts'
import { useBadgeLatency } from './badge-latency.ts'
import { useConnectionWords } from './use-connection-words.ts'

type ConnectionIndicatorProps = {
  connection: ConnectionStatus
  /** Where there is little room: only the dot and, if it is not live, the word. */
  brief?: boolean
}

/** How the page hears of news, quietly: a dot, a word, and how long the last badge took; on a closer look, by which way. */
export function ConnectionIndicator({ connection, brief = false }: ConnectionIndicatorProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const latencyMs = useBadgeLatency()
  const words = useConnectionWords(connection)
  const { word, tone } = appearance(connection)
  const state = t(`connection.${word}`)
  const ms = tone === 'live' && latencyMs !== null ? format.number(latencyMs) : null
  const text = ms === null ? state : t('connection.latency', { state, ms })
  return (
    <span className="flex items-center gap-1.5 text-1 whitespace-nowrap text-ink-2 tabular" title={words}>
      <span aria-hidden="true" className={`size-[7px] rounded-full ${DOTS[tone]}`} />
      <span className={brief && tone === 'live' ? '@max-lg:sr-only' : ''} data-connection={connection.state}>
        {text}
      </span>
    </span>
  )
}

const DOTS = { live: 'bg-live', waiting: 'bg-warn animate-breathe', off: 'bg-ink-3' }

type Appearance = {
  word: 'live' | 'polling' | 'connecting' | 'catchingUp' | 'offline' | 'closed'
  tone: keyof typeof DOTS
}

function appearance({ state }: ConnectionStatus): Appearance {
  switch (state) {
    case 'live':
    case 'polling':
      return { word: state, tone: 'live' }
    case 'connecting':
      return { word: 'connecting', tone: 'waiting' }
    case 'catching-up':
      return { word: 'catchingUp', tone: 'waiting' }
    case 'offline':
      return { word: 'offline', tone: 'off' }
    case 'needs-auth':
    case 'closed':
      return { word: 'closed', tone: 'off' }
  }
}
