import type { ConnectionStatus, RoomState } from '@tally/client'
import type { UserId } from '@tally/protocol'
import { Search } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ConnectionIndicator } from '../connection/connection-indicator.tsx'
import { roomFace } from '../rooms/room-face.ts'
import { sideWord } from '../session/side-word.ts'
import { Avatar } from '../ui/avatar.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { BackLink } from './back-link.tsx'

type RoomHeaderProps = {
  room: RoomState
  meId: UserId | undefined
  /** Names the room for the part of the page around it. */
  titleId: string
  connection: ConnectionStatus
  /** Whether the other person is here, in words; null when there is nothing to say. */
  presence: string | null
  searching: boolean
  onSearch: () => void
  /** The menu of the room. */
  children: ReactNode
}

/** Whose room it is, what it is about, whether they are here. */
export function RoomHeader(props: RoomHeaderProps) {
  const { room, meId, titleId, connection, presence, searching, onSearch, children } = props
  const { t } = useTranslation()
  const face = roomFace(room, meId)
  const facts = [
    face.subject,
    room.kind === 'group' ? t('room.members', { count: face.people }) : null,
  ].filter((fact) => fact !== null)
  const side = face.side === null ? null : sideWord(t, face.side)
  return (
    <header className="flex items-center gap-2 border-b border-line py-3.5 pr-2 pl-4 @md:gap-3 @md:px-6">
      <BackLink />
      <Avatar name={face.name} online={room.online} />
      <div className="grid min-w-0 flex-1">
        <h2
          className={`truncate text-3 font-semibold ${face.name === null ? 'text-ink-3' : ''}`}
          dir="auto"
          id={titleId}
        >
          {face.name ?? t('person.former')}
        </h2>
        <p className="h-4 truncate text-1 text-ink-2">
          {side !== null && (
            // The first thing to do without where there is little room.
            <span className="@max-md:hidden">
              {side}
              {facts.length > 0 && ' · '}
            </span>
          )}
          {facts.join(' · ')}
          {room.kind === 'direct' && presence !== null && (
            // The dot says it, too.
            <span className={room.online ? '@max-md:hidden' : ''}>
              {facts.length > 0 && ' · '}
              {presence}
            </span>
          )}
        </p>
      </div>
      {/* As wide as its longest words: what it says changes, and must not move it. */}
      <span className="@lg:w-28">
        <ConnectionIndicator brief connection={connection} />
      </span>
      <span className="flex">
        <IconButton aria-expanded={searching} icon={Search} label={t('search.inRoom')} onClick={onSearch} />
        {children}
      </span>
    </header>
  )
}
