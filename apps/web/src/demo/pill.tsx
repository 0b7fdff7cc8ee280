import type { ReactNode } from 'react'

type PillProps = {
  children: ReactNode
  onClick: () => void
  /** For a switch: whether it is on. Left out for something that is just done. */
  on?: boolean
  primary?: boolean
}

/** A small round button: a switch, or something to try. */
export function Pill({ children, onClick, on, primary = false }: PillProps) {
  const tone = primary
    ? 'border-action bg-action text-on-action font-semibold hover:opacity-90'
    : 'border-line bg-raised hover:border-ink-3 aria-pressed:border-action aria-pressed:font-semibold aria-pressed:text-action'
  return (
    <button
      aria-pressed={on}
      className={`min-h-9 rounded-full border px-3.5 py-1.5 ${tone}`}
      onClick={onClick}
      type="button"
    >
      {children}
    </button>
  )
}
