import { Popover } from '@base-ui/react/popover'
import { useEffect, useEffectEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { PopupProps } from '../ui/popup-on-use.tsx'

export type ReactionPickerProps = {
  trigger: PopupProps['trigger']
  onPick: (emoji: string) => void
  onOpenChange: (open: boolean) => void
}

/** What people answer with most, where one word would be too much. */
const EMOJI = ['👍', '❤️', '😂', '😮', '🙏', '✅'] as const

/** The emoji themselves. */
export function ReactionPopup(props: ReactionPickerProps & { defaultOpen: boolean }) {
  const { trigger, onPick, defaultOpen, onOpenChange } = props
  const { t } = useTranslation()
  // It opens with its first drawing, and says so once.
  const sayOpen = useEffectEvent(() => {
    if (defaultOpen) onOpenChange(true)
  })
  useEffect(() => sayOpen(), [])
  return (
    <Popover.Root defaultOpen={defaultOpen} onOpenChange={(open) => onOpenChange(open)}>
      <Popover.Trigger render={trigger} />
      <Popover.Portal>
        <Popover.Positioner className="z-30" collisionPadding={8} side="top" sideOffset={4}>
          <Popover.Popup
            aria-label={t('message.react')}
            className="flex rounded-full border border-line bg-raised p-1 shadow-raised outline-none transition-[scale,opacity] duration-120 data-ending-style:scale-98 data-ending-style:opacity-0 data-starting-style:scale-98 data-starting-style:opacity-0"
          >
            {EMOJI.map((emoji) => (
              <Popover.Close
                className="grid size-9 place-items-center rounded-full text-4 hover:bg-sunken"
                key={emoji}
                onClick={() => onPick(emoji)}
              >
                {emoji}
              </Popover.Close>
            ))}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
