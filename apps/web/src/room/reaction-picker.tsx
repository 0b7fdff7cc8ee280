import { lazy } from 'react'
import { PopupOnUse, type PopupProps } from '../ui/popup-on-use.tsx'

export type ReactionPickerProps = {
  trigger: PopupProps['trigger']
  onPick: (emoji: string) => void
  onOpenChange: (open: boolean) => void
}

const load = () => import('./reaction-popup.tsx')
const ReactionPopup = lazy(() => load().then((module) => ({ default: module.ReactionPopup })))

/** A few emoji to put on a message. */
export function ReactionPicker({ trigger, ...picker }: ReactionPickerProps) {
  return (
    <PopupOnUse haspopup="dialog" preload={load} trigger={trigger}>
      {(popup) => <ReactionPopup {...picker} {...popup} />}
    </PopupOnUse>
  )
}
