import type { ConnectionStatus } from '@tally/client'
import { CloudOff } from 'lucide-react'
import { useTranslation } from 'react-i18next'

/** Says what happens to what one sends while there is no connection; nothing while there is one. */
export function OfflineStrip({ connection }: { connection: ConnectionStatus }) {
  const { t } = useTranslation()
  if (connection.state !== 'offline' && connection.state !== 'closed') return null
  return (
    <p
      className="flex items-center justify-center gap-2 border-b border-line bg-sunken px-4 py-2 text-1 text-ink-2"
      role="status"
    >
      <CloudOff aria-hidden="true" className="size-4 shrink-0" strokeWidth={1.75} />
      {t('connection.offlineHint')}
    </p>
  )
}
