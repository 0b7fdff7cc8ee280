import { lazy } from 'react'
import { PopupOnUse } from '../ui/popup-on-use.tsx'
import type { ReactionPickerProps } from './reaction-popup.tsx'

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
