import type { ConnectionStatus } from '@tally/client'
import type { User } from '@tally/protocol'
import { LogOut, Settings } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { ConnectionIndicator } from '../connection/connection-indicator.tsx'
import { sideWord } from '../session/side-word.ts'
import { Avatar } from '../ui/avatar.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { Skeleton } from '../ui/skeleton.tsx'

type OwnBarProps = {
  me: User | null
  connection: ConnectionStatus
  onSettings: () => void
  onSignOut: () => void
}

/** The foot of the list: who one is, how the connection does, and the way out. */
export function OwnBar({ me, connection, onSettings, onSignOut }: OwnBarProps) {
  const { t } = useTranslation()
  return (
    <footer className="flex items-center gap-3 border-t border-line px-4 py-2 pb-[max(8px,env(safe-area-inset-bottom))]">
      <Avatar name={me?.name ?? null} size="small" />
      <span className="grid min-w-0 flex-1">
        {me === null ? (
          <Skeleton className="h-4 w-24" />
        ) : (
          <span className="truncate font-semibold" dir="auto">
            {me.name ?? me.id}
          </span>
        )}
        <span className="flex min-w-0 items-center gap-2 text-1 text-ink-2">
          {me?.userType != null && <span className="truncate">{sideWord(t, me.userType)}</span>}
          <span className="md:hidden">
            <ConnectionIndicator connection={connection} />
          </span>
        </span>
      </span>
      <IconButton icon={Settings} label={t('settings.title')} onClick={onSettings} />
      <IconButton icon={LogOut} label={t('settings.signOut')} onClick={onSignOut} />
    </footer>
  )
}
