import { Copy, EllipsisVertical, MailOpen, Pencil, Reply, SmilePlus, Trash2 } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { IconButton } from '../ui/icon-button.tsx'
import { Menu, MenuItem, MenuSeparator } from '../ui/menu.tsx'
import { ReactionPicker } from './reaction-picker.tsx'

export type MessageAction = 'reply' | 'copy' | 'edit' | 'delete' | 'mark-unread'

type MessageToolbarProps = {
  own: boolean
  onAction: (action: MessageAction) => void
  onReact: (emoji: string) => void
  /** While one of its menus is open, the bar must stay although the pointer is elsewhere. */
  onOpenChange: (open: boolean) => void
}

/** What one can do with a message. */
export function MessageToolbar({ own, onAction, onReact, onOpenChange }: MessageToolbarProps) {
  const { t } = useTranslation()
  return (
    <div className="flex rounded-2 border border-line bg-raised p-0.5 shadow-raised" role="toolbar">
      <ReactionPicker
        onOpenChange={onOpenChange}
        onPick={onReact}
        trigger={<IconButton icon={SmilePlus} label={t('message.react')} size="small" />}
      />
      <IconButton icon={Reply} label={t('message.reply')} onClick={() => onAction('reply')} size="small" />
      <Menu
        align={own ? 'end' : 'start'}
        onOpenChange={onOpenChange}
        trigger={<IconButton icon={EllipsisVertical} label={t('message.more')} size="small" />}
      >
        <MenuItem icon={Copy} onSelect={() => onAction('copy')}>
          {t('message.copy')}
        </MenuItem>
        <MenuItem icon={MailOpen} onSelect={() => onAction('mark-unread')}>
          {t('message.markUnread')}
        </MenuItem>
        {own && (
          <>
            <MenuSeparator />
            <MenuItem icon={Pencil} onSelect={() => onAction('edit')}>
              {t('message.edit')}
            </MenuItem>
            <MenuItem danger icon={Trash2} onSelect={() => onAction('delete')}>
              {t('message.delete')}
            </MenuItem>
          </>
        )}
      </Menu>
    </div>
  )
}
