import { BellOff } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Avatar } from '../ui/avatar.tsx'
import { Badge } from '../ui/badge.tsx'

export type RoomRowProps = {
  /** `null`: somebody who left. */
  name: string | null
  online: boolean
  /** When the last message came, as written in a list. */
  time: string
  /** What stands in the second line. */
  preview: ReactNode
  unread: number
  muted: boolean
}

/** What a room's row shows; where it leads is the business of the list around it. */
export function RoomRow({ name, online, time, preview, unread, muted }: RoomRowProps) {
  const { t } = useTranslation()
  return (
    <span className="grid h-16 grid-cols-[40px_minmax(0,1fr)_auto] items-center gap-x-3 px-4">
      <Avatar name={name} online={online} />
      <span className="grid min-w-0 gap-0.5">
        <span className="flex min-w-0 items-center gap-1.5">
          <span className={`truncate font-semibold ${name === null ? 'text-ink-3' : 'text-ink'}`} dir="auto">
            {name ?? t('person.former')}
          </span>
          {muted && (
            <>
              <BellOff aria-hidden="true" className="size-3.5 shrink-0 text-ink-3" strokeWidth={2} />
              <span className="sr-only">{t('chats.mutedSign')}</span>
            </>
          )}
        </span>
        <span
          className={`truncate ${unread > 0 && !muted ? 'font-medium text-ink' : 'text-ink-2'}`}
          dir="auto"
        >
          {preview}
        </span>
      </span>
      <span className="grid justify-items-end gap-0.5">
        <span className="text-1 leading-5 whitespace-nowrap text-ink-3 tabular">{time}</span>
        <span className="h-5">
          <Badge count={unread} label={t('badge.unread', { count: unread })} muted={muted} />
        </span>
      </span>
    </span>
  )
}
