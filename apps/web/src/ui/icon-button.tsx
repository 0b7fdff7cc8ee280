import type { LucideIcon } from 'lucide-react'
import type { ComponentProps } from 'react'

type IconButtonProps = Omit<ComponentProps<'button'>, 'children'> & {
  icon: LucideIcon
  /** Its name, for those who do not see the icon, and as its tooltip. */
  label: string
  size?: 'small' | 'medium'
}

/** A button that is an icon. 36 px, or 28 px within a bar of its own: both over the 24 px that WCAG 2.2 asks for. */
export function IconButton({ icon: Icon, label, size = 'medium', className = '', ...rest }: IconButtonProps) {
  const box = size === 'small' ? 'size-7 rounded-1' : 'size-9 rounded-2'
  return (
    <button
      aria-label={label}
      className={`grid shrink-0 place-items-center text-ink-2 hover:bg-sunken hover:text-ink disabled:opacity-40 data-popup-open:bg-sunken data-popup-open:text-ink ${box} ${className}`}
      title={label}
      type="button"
      {...rest}
    >
      <Icon aria-hidden="true" size={size === 'small' ? 16 : 20} strokeWidth={1.75} />
    </button>
  )
}
