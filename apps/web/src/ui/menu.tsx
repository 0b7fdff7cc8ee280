import { lazy } from 'react'
import type { MenuProps } from './menu-popup.tsx'
import { PopupOnUse } from './popup-on-use.tsx'

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
