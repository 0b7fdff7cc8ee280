import { Search, X } from 'lucide-react'
import { useTranslation } from 'react-i18next'

type RoomSearchProps = {
  value: string
  onChange: (value: string) => void
  /** Enter: open the first one found. */
  onSubmit: () => void
}

export function RoomSearch({ value, onChange, onSubmit }: RoomSearchProps) {
  const { t } = useTranslation()
  return (
    <search aria-label={t('chats.search')} className="relative mx-4 mb-2 block">
      <Search
        aria-hidden="true"
        className="pointer-events-none absolute top-2.5 left-3 size-4 text-ink-3"
        strokeWidth={2}
      />
      <input
        aria-label={t('chats.search')}
        autoComplete="off"
        className="h-9 w-full rounded-2 bg-sunken pr-9 pl-9 text-2 text-ink placeholder:text-ink-3"
        enterKeyHint="search"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && value !== '') onChange('')
          if (event.key === 'Enter' && !event.nativeEvent.isComposing) onSubmit()
        }}
        placeholder={t('chats.search')}
        type="text"
        value={value}
      />
      {value !== '' && (
        <button
          aria-label={t('chats.clearSearch')}
          className="absolute top-1 right-1 grid size-7 place-items-center rounded-1 text-ink-3 hover:text-ink"
          onClick={() => onChange('')}
          type="button"
        >
          <X aria-hidden="true" size={16} />
        </button>
      )}
    </search>
  )
}
