import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/format-context.ts'
import { ROOM_FILTERS, type RoomFilter } from './filter-rooms.ts'

type RoomFiltersProps = {
  value: RoomFilter
  onChange: (filter: RoomFilter) => void
  /** How many rooms have something unread. */
  unreadRooms: number
}

/** Which rooms the list shows. Buttons that are pressed or not: they filter one list, they do not switch pages. */
export function RoomFilters({ value, onChange, unreadRooms }: RoomFiltersProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const count = (filter: RoomFilter) =>
    filter === 'unread' && unreadRooms > 0 ? ` ${format.number(unreadRooms)}` : ''
  return (
    <fieldset className="flex gap-4 border-b border-line px-4">
      <legend className="sr-only">{t('chats.filters')}</legend>
      {ROOM_FILTERS.map((filter) => (
        <button
          aria-pressed={filter === value}
          className="py-2 text-ink-2 tabular hover:text-ink focus-visible:-outline-offset-2 aria-pressed:font-semibold aria-pressed:text-ink aria-pressed:shadow-[inset_0_-2px_0_var(--ink)]"
          key={filter}
          onClick={() => onChange(filter)}
          type="button"
        >
          <Steady text={`${t(`chats.${filter}`)}${count(filter)}`} />
        </button>
      ))}
    </fieldset>
  )
}

/** As wide as it would be in bold, so that choosing one does not move the others. */
function Steady({ text }: { text: string }) {
  return (
    <span className="grid">
      <span className="[grid-area:1/1]">{text}</span>
      <span aria-hidden="true" className="invisible font-semibold [grid-area:1/1]">
        {text}
      </span>
    </span>
  )
}
