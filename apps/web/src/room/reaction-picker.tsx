import { fetched } from '../ui/fetched.ts'
import { PopupOnUse } from '../ui/popup-on-use.tsx'
import type { ReactionPickerProps } from './reaction-popup.tsx'

const reactionPopup = fetched(async () => (await import('./reaction-popup.tsx')).ReactionPopup)

/** A few emoji to put on a message. */
export function ReactionPicker({ trigger, ...picker }: ReactionPickerProps) {
  return (
    <PopupOnUse code={reactionPopup} haspopup="dialog" trigger={trigger}>
      {(ReactionPopup, popup) => <ReactionPopup {...picker} {...popup} />}
    </PopupOnUse>
  )
}
