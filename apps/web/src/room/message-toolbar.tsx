import { Copy, EllipsisVertical, Flag, MailOpen, Pencil, Reply, SmilePlus, Trash2 } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { IconButton } from '../ui/icon-button.tsx'
import { Menu } from '../ui/menu.tsx'
import type { MenuEntry } from '../ui/menu-popup.tsx'
import { ReactionPicker } from './reaction-picker.tsx'

export type MessageAction = 'reply' | 'copy' | 'edit' | 'delete' | 'mark-unread' | 'report'

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
  const entries: MenuEntry[] = [
    { icon: Copy, text: t('message.copy'), onSelect: () => onAction('copy') },
    { icon: MailOpen, text: t('message.markUnread'), onSelect: () => onAction('mark-unread') },
  ]
  if (!own) {
    entries.push('line', { icon: Flag, text: t('message.report'), onSelect: () => onAction('report') })
  }
  if (own) {
    entries.push(
      'line',
      { icon: Pencil, text: t('message.edit'), onSelect: () => onAction('edit') },
      { icon: Trash2, text: t('message.delete'), onSelect: () => onAction('delete'), danger: true },
    )
  }
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
        entries={entries}
        onOpenChange={onOpenChange}
        trigger={<IconButton icon={EllipsisVertical} label={t('message.more')} size="small" />}
      />
    </div>
  )
}
