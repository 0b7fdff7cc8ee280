import { lazy, Suspense, useState } from 'react'

export type Confirmation = {
  title: string
  hint: string
  /** The word on the button that does it. */
  action: string
  onConfirm: () => void
}

export type ConfirmDialogProps = {
  /** What is being asked; `null`: nothing. */
  confirmation: Confirmation | null
  onClose: () => void
}

const ConfirmPopup = lazy(() =>
  import('./confirm-popup.tsx').then((module) => ({ default: module.ConfirmPopup })),
)

/** Asks before something that cannot be undone. Its code comes with the first question. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const [asked, setAsked] = useState(false)
  if (props.confirmation !== null && !asked) setAsked(true)
  return <Suspense>{asked && <ConfirmPopup {...props} />}</Suspense>
}
