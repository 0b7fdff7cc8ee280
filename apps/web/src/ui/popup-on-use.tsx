import { type ComponentProps, cloneElement, type ReactElement, type ReactNode, useState } from 'react'
import { type Fetched, useFetched } from './fetched.ts'

/** A button, and what opens from it. */
export type PopupProps = {
  trigger: ReactElement<ComponentProps<'button'>>
  defaultOpen: boolean
}

type PopupOnUseProps<Popup> = {
  trigger: PopupProps['trigger']
  /** What kind of thing opens. */
  haspopup: 'menu' | 'dialog'
  /** The code of the popup: fetched when the pointer or the focus comes near. */
  code: Fetched<Popup>
  children: (Popup: Popup, props: PopupProps) => ReactNode
}

/**
 * Keeps the code of popups out of the first load: the button stands alone until it is pressed for the first time.
 * It is not exchanged before that, because whoever has the focus on it must not lose it.
 */
export function PopupOnUse<Popup>({ trigger, haspopup, code, children }: PopupOnUseProps<Popup>) {
  const [used, setUsed] = useState(false)
  const [near, setNear] = useState(false)
  const popup = useFetched(code, near || used)
  if (used && popup !== null) return children(popup, { trigger, defaultOpen: true })
  return cloneElement(trigger, {
    'aria-haspopup': haspopup,
    'aria-expanded': false,
    onPointerEnter: () => setNear(true),
    onFocus: () => setNear(true),
    onClick: () => setUsed(true),
  })
}
