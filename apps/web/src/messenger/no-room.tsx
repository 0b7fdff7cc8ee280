import type { ConnectionStatus } from '@tally/client'
import { useTranslation } from 'react-i18next'
import { ConnectionIndicator } from '../connection/connection-indicator.tsx'
import { Sign } from '../ui/sign.tsx'

/** The place of the room while none is open; on a phone it is not seen. */
export function NoRoom({ connection }: { connection: ConnectionStatus }) {
  const { t } = useTranslation()
  return (
    <div className="relative grid flex-1 place-content-center justify-items-center gap-2 p-6 text-center">
      <span className="absolute top-6 right-6 w-28">
        <ConnectionIndicator connection={connection} />
      </span>
      <span className="mb-3 opacity-30">
        <Sign size={48} />
      </span>
      <p className="text-3 font-semibold">{t('chats.pick')}</p>
      <p className="text-ink-2">{t('chats.pickHint')}</p>
    </div>
  )
}
