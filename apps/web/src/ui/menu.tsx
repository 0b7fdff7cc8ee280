import { fetched } from './fetched.ts'
import type { MenuProps } from './menu-popup.tsx'
import { PopupOnUse } from './popup-on-use.tsx'

const menuPopup = fetched(async () => (await import('./menu-popup.tsx')).MenuPopup)

/** A menu that hangs from a button: arrow keys, first letters, Escape. */
export function Menu({ trigger, ...menu }: MenuProps) {
  return (
    <PopupOnUse code={menuPopup} haspopup="menu" trigger={trigger}>
      {(MenuPopup, popup) => <MenuPopup {...menu} {...popup} />}
    </PopupOnUse>
  )
}
