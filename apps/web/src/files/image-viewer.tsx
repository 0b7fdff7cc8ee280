import { Dialog } from '@base-ui/react/dialog'
import { Download, X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { IconButton } from '../ui/icon-button.tsx'

type ImageViewerProps = { url: string; name: string; onSave: () => void; onClose: () => void }

/** A picture as large as the screen has room for it. */
export function ImageViewer({ url, name, onSave, onClose }: ImageViewerProps) {
  const { t } = useTranslation()
  return (
    <Dialog.Root onOpenChange={(open) => !open && onClose()} open>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Popup className="fixed inset-4 z-50 grid grid-rows-[auto_minmax(0,1fr)] overflow-hidden rounded-3 border border-line bg-raised shadow-raised outline-none md:inset-10">
          <div className="flex items-center gap-2 border-b border-line py-2 pr-2 pl-4">
            <Dialog.Title className="min-w-0 flex-1 truncate font-semibold" dir="auto">
              {name}
            </Dialog.Title>
            <IconButton icon={Download} label={t('files.save', { name })} onClick={onSave} />
            <Dialog.Close render={<IconButton icon={X} label={t('common.close')} />} />
          </div>
          <div className="grid min-h-0 place-items-center bg-sunken p-3">
            <img alt={name} className="max-h-full min-h-0 max-w-full object-contain" src={url} />
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
