import type { RoomState } from '@tally/client'
import type { UserId } from '@tally/protocol'
import { X } from 'lucide-react'
import { useLayoutEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { IconButton } from '../ui/icon-button.tsx'
import { useNow } from '../use-now.ts'
import { FoundList } from './found-list.tsx'
import { useMessageSearch } from './use-message-search.ts'

type RoomSearchPanelProps = { room: RoomState; meId: UserId | undefined; onClose: () => void }

/** Searching in one room, above its history. */
export function RoomSearchPanel({ room, meId, onClose }: RoomSearchPanelProps) {
  const { t } = useTranslation()
  const now = useNow()
  const [query, setQuery] = useState('')
  const found = useMessageSearch(query, room.id)
  const input = useRef<HTMLInputElement>(null)
  const panel = useRef<HTMLElement>(null)
  useLayoutEffect(() => {
    const before = document.activeElement
    const closing = panel.current
    input.current?.focus()
    return () => {
      // Closed from within, it gives the focus back to where it came from.
      if (closing?.contains(document.activeElement) && before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <search
      aria-label={t('search.inRoom')}
      className="block border-b border-line bg-raised"
      ref={panel}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <div className="flex items-center gap-2 px-4 py-2 @md:px-6">
        <input
          aria-label={t('search.inRoom')}
          autoComplete="off"
          className="h-9 min-w-0 flex-1 rounded-2 bg-sunken px-3 text-2 text-ink placeholder:text-ink-3"
          enterKeyHint="search"
          onChange={(event) => setQuery(event.target.value)}
          placeholder={t('search.inRoom')}
          ref={input}
          type="text"
          value={query}
        />
        <IconButton icon={X} label={t('search.close')} onClick={onClose} />
      </div>
      {query.trim() !== '' && (
        <div className="quiet-scroll max-h-[40dvh] overflow-y-auto border-t border-line pb-2 @md:px-2">
          <FoundList found={found} inRoom meId={meId} now={now} rooms={[room]} />
        </div>
      )}
    </search>
  )
}
