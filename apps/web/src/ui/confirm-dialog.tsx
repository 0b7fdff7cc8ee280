import { useState } from 'react'
import type { ConfirmDialogProps } from './confirm-popup.tsx'
import { fetched, useFetched } from './fetched.ts'

const confirmPopup = fetched(async () => (await import('./confirm-popup.tsx')).ConfirmPopup)

/** Asks before something that cannot be undone. Its code comes with the first question. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const [asked, setAsked] = useState(false)
  if (props.confirmation !== null && !asked) setAsked(true)
  const ConfirmPopup = useFetched(confirmPopup, asked)
  return ConfirmPopup !== null && <ConfirmPopup {...props} />
}
