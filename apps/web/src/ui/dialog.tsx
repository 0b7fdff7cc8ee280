import { Dialog as Base } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { IconButton } from './icon-button.tsx'

type DialogProps = {
  open: boolean
  onClose: () => void
  title: string
  /** As high as it gets from the start: what comes into it later does not move it. */
  tall?: boolean
  children: ReactNode
}

const POPUP =
  'fixed flex top-1/2 left-1/2 z-50 w-[min(420px,calc(100vw-32px))] -translate-x-1/2 -translate-y-1/2 flex-col overflow-hidden rounded-3 border border-line bg-raised shadow-raised outline-none transition-[scale,opacity] duration-150 data-ending-style:scale-98 data-ending-style:opacity-0 data-starting-style:scale-98 data-starting-style:opacity-0'

/** Something in front of everything else: takes the focus, gives it back, closes on Escape. */
export function Dialog({ open, onClose, title, tall = false, children }: DialogProps) {
  const { t } = useTranslation()
  return (
    <Base.Root onOpenChange={(next) => !next && onClose()} open={open}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-scrim transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup
          className={`${POPUP} ${tall ? 'h-[min(760px,calc(100dvh-32px))]' : 'max-h-[calc(100dvh-32px)]'}`}
        >
          <div className="flex items-center justify-between gap-4 py-3 pr-3 pl-5">
            <Base.Title className="text-4 font-bold tracking-tight">{title}</Base.Title>
            <Base.Close render={<IconButton icon={X} label={t('common.close')} />} />
          </div>
          {/* `relative`: what is there for screen readers alone scrolls with the rest, or the focus would not bring it into view. */}
          <div className="quiet-scroll relative min-h-0 overflow-y-auto px-5 pt-1 pb-5">{children}</div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}
