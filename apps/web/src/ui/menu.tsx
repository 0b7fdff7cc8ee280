import { Menu as Base } from '@base-ui/react/menu'
import type { LucideIcon } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'

type MenuProps = {
  /** The button that opens it. */
  trigger: ReactElement
  children: ReactNode
  align?: 'start' | 'end'
  onOpenChange?: (open: boolean) => void
}

/** A menu that hangs from a button: arrow keys, first letters, Escape. */
export function Menu({ trigger, children, align = 'end', onOpenChange }: MenuProps) {
  return (
    <Base.Root modal={false} onOpenChange={(open) => onOpenChange?.(open)}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} className="z-30 outline-none" collisionPadding={8} sideOffset={4}>
          <Base.Popup className="min-w-44 origin-(--transform-origin) rounded-2 border border-line bg-raised p-1 shadow-raised outline-none transition-[scale,opacity] duration-120 data-ending-style:scale-98 data-ending-style:opacity-0 data-starting-style:scale-98 data-starting-style:opacity-0">
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

type MenuItemProps = {
  icon: LucideIcon
  onSelect: () => void
  children: ReactNode
  danger?: boolean
}

export function MenuItem({ icon: Icon, onSelect, children, danger = false }: MenuItemProps) {
  return (
    <Base.Item
      className={`flex min-h-9 cursor-default items-center gap-3 rounded-1 px-2.5 text-2 outline-none select-none data-highlighted:bg-sunken ${danger ? 'text-new' : 'text-ink'}`}
      onClick={onSelect}
    >
      <Icon aria-hidden="true" className={danger ? 'text-new' : 'text-ink-2'} size={16} strokeWidth={1.75} />
      {children}
    </Base.Item>
  )
}

export function MenuSeparator() {
  return <Base.Separator className="mx-1 my-1 h-px bg-line" />
}
