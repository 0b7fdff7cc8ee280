import { initialOf } from '../format/initial.ts'

type AvatarProps = {
  /** `null`: nobody any more. */
  name: string | null
  online?: boolean
  size?: 'small' | 'medium'
}

/** A person or a room by its first sign. Decoration: the name always stands beside it. */
export function Avatar({ name, online = false, size = 'medium' }: AvatarProps) {
  const box = size === 'small' ? 'size-8 rounded-2 text-2' : 'size-10 rounded-avatar text-3'
  return (
    <span
      aria-hidden="true"
      className={`relative grid shrink-0 place-items-center bg-sunken font-semibold in-aria-[current=page]:bg-raised select-none ${box} ${name === null ? 'text-ink-3' : 'text-ink-2'}`}
    >
      {initialOf(name)}
      {online && (
        <span className="absolute -right-0.5 -bottom-0.5 size-[11px] rounded-full border-2 border-paper bg-live" />
      )}
    </span>
  )
}
