import {
  type ComponentProps,
  cloneElement,
  type ReactElement,
  type ReactNode,
  Suspense,
  useState,
} from 'react'

/** A button, and what opens from it. */
export type PopupProps = {
  trigger: ReactElement<ComponentProps<'button'>>
  defaultOpen: boolean
}

type PopupOnUseProps = {
  trigger: PopupProps['trigger']
  /** What kind of thing opens. */
  haspopup: 'menu' | 'dialog'
  /** Fetches the code of the popup: called when the pointer or the focus comes near. */
  preload: () => Promise<unknown>
  /** The popup, loaded lazily. */
  children: (popup: PopupProps) => ReactNode
}

/**
 * Keeps the code of popups out of the first load: the button stands alone until it is pressed for the first time.
 * It is not exchanged before that, because whoever has the focus on it must not lose it.
 */
export function PopupOnUse({ trigger, haspopup, preload, children }: PopupOnUseProps) {
  const [used, setUsed] = useState(false)
  const waiting = cloneElement(trigger, {
    'aria-haspopup': haspopup,
    'aria-expanded': false,
    onPointerEnter: () => void preload(),
    onFocus: () => void preload(),
    onClick: () => setUsed(true),
  })
  if (!used) return waiting
  return <Suspense fallback={waiting}>{children({ trigger, defaultOpen: true })}</Suspense>
}
