import { AlertDialog } from '@base-ui/react/alert-dialog'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from './button.tsx'

export type Confirmation = {
  title: string
  hint: string
  /** The word on the button that does it. */
  action: string
  onConfirm: () => void
  /** Where the focus goes when what had it is gone with what was confirmed. */
  focusAfter?: RefObject<HTMLElement | null>
}

export type ConfirmDialogProps = {
  /** What is being asked; `null`: nothing. */
  confirmation: Confirmation | null
  onClose: () => void
}

/** The question itself. The focus starts on the safe answer. */
export function ConfirmPopup({ confirmation, onClose }: ConfirmDialogProps) {
  const { t } = useTranslation()
  // While it goes out of sight it says what it said.
  const [shown, setShown] = useState(confirmation)
  if (confirmation !== null && confirmation !== shown) setShown(confirmation)
  const focusAfter = useRef<Confirmation['focusAfter']>(undefined)
  const confirm = () => {
    focusAfter.current = confirmation?.focusAfter
    confirmation?.onConfirm()
  }
  useEffect(() => {
    // A new question: nothing was confirmed of it yet.
    if (confirmation !== null) focusAfter.current = undefined
  }, [confirmation])
  return (
    <AlertDialog.Root onOpenChange={(open) => !open && onClose()} open={confirmation !== null}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="fixed inset-0 z-40 bg-scrim transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <AlertDialog.Popup
          finalFocus={() => focusAfter.current?.current ?? true}
          className="fixed top-1/2 left-1/2 z-50 w-[min(360px,calc(100vw-32px))] -translate-x-1/2 -translate-y-1/2 rounded-3 border border-line bg-raised p-5 shadow-raised outline-none transition-[scale,opacity] duration-150 data-ending-style:scale-98 data-ending-style:opacity-0 data-starting-style:scale-98 data-starting-style:opacity-0"
        >
          <AlertDialog.Title className="text-3 font-semibold">{shown?.title}</AlertDialog.Title>
          <AlertDialog.Description className="mt-1 text-2 text-ink-2">{shown?.hint}</AlertDialog.Description>
          <div className="mt-5 flex justify-end gap-2">
            <AlertDialog.Close render={<Button>{t('common.cancel')}</Button>} />
            <AlertDialog.Close onClick={confirm} render={<Button tone="danger">{shown?.action}</Button>} />
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
