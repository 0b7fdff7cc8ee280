import type { ComponentProps } from 'react'

type ButtonProps = ComponentProps<'button'> & {
  /** `primary`: the one thing to do here. `danger`: cannot be undone. */
  tone?: 'primary' | 'quiet' | 'danger'
}

const TONES = {
  primary: 'bg-action text-on-action hover:opacity-90',
  quiet: 'border border-line bg-raised text-ink hover:bg-sunken',
  danger: 'border border-new bg-raised text-new hover:inset-ring hover:inset-ring-new',
}

/** A button with words on it. */
export function Button({ tone = 'quiet', className = '', type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      className={`inline-flex min-h-9 items-center justify-center gap-2 rounded-2 px-3.5 py-1.5 text-2 font-semibold transition-opacity disabled:opacity-40 aria-disabled:opacity-40 ${TONES[tone]} ${className}`}
      type={type}
      {...rest}
    />
  )
}
