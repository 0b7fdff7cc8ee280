import { lazy, Suspense, useState } from 'react'
import type { ConfirmDialogProps } from './confirm-popup.tsx'

const ConfirmPopup = lazy(() =>
  import('./confirm-popup.tsx').then((module) => ({ default: module.ConfirmPopup })),
)

/** Asks before something that cannot be undone. Its code comes with the first question. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const [asked, setAsked] = useState(false)
  if (props.confirmation !== null && !asked) setAsked(true)
  return <Suspense>{asked && <ConfirmPopup {...props} />}</Suspense>
}
