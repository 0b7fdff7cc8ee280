import type { LucideIcon } from 'lucide-react'
import { lazy } from 'react'
import { PopupOnUse, type PopupProps } from './popup-on-use.tsx'

export type MenuEntry =
  | { icon: LucideIcon; text: string; onSelect: () => void; danger?: boolean }
  /** A line between two groups. */
  | 'line'

export type MenuProps = {
  /** The button that opens it. */
  trigger: PopupProps['trigger']
  entries: readonly MenuEntry[]
  align?: 'start' | 'end'
  onOpenChange?: (open: boolean) => void
}

const load = () => import('./menu-popup.tsx')
const MenuPopup = lazy(() => load().then((module) => ({ default: module.MenuPopup })))

/** A menu that hangs from a button: arrow keys, first letters, Escape. */
export function Menu({ trigger, ...menu }: MenuProps) {
  return (
    <PopupOnUse haspopup="menu" preload={load} trigger={trigger}>
      {(popup) => <MenuPopup {...menu} {...popup} />}
    </PopupOnUse>
  )
}
