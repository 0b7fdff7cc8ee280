import type { User } from '@tally/protocol'
import { Avatar } from '../ui/avatar.tsx'

type PersonCardProps = {
  person: User
  disabled: boolean
  onPick: () => void
}

/** Somebody one can be. */
export function PersonCard({ person, disabled, onPick }: PersonCardProps) {
  return (
    <button
      className="flex w-full items-center gap-3 rounded-3 border border-line bg-raised px-4 py-3 text-left transition-[border-color,box-shadow] duration-120 hover:border-ink-3 hover:shadow-raised disabled:opacity-50"
      disabled={disabled}
      onClick={onPick}
      type="button"
    >
      <Avatar name={person.name} />
      <span className="min-w-0 flex-1 truncate font-semibold" dir="auto">
        {person.name ?? person.id}
      </span>
    </button>
  )
}
