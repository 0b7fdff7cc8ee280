import { Archive, ArchiveRestore, Ban, Bell, BellOff, EllipsisVertical, LogOut, MailOpen } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { IconButton } from '../ui/icon-button.tsx'
import { Menu, MenuItem, MenuSeparator } from '../ui/menu.tsx'

export type RoomAction =
  | 'mute'
  | 'unmute'
  | 'archive'
  | 'unarchive'
  | 'mark-unread'
  | 'leave'
  | 'block'
  | 'unblock'

type RoomMenuProps = {
  muted: boolean
  archived: boolean
  /** Whether there is something that could be made unread again. */
  readable: boolean
  /** `null`: there is nobody to block. */
  blocked: boolean | null
  onAction: (action: RoomAction) => void
}

/** What one can do with a room. */
export function RoomMenu({ muted, archived, readable, blocked, onAction }: RoomMenuProps) {
  const { t } = useTranslation()
  return (
    <Menu trigger={<IconButton icon={EllipsisVertical} label={t('room.menu')} />}>
      <MenuItem icon={muted ? Bell : BellOff} onSelect={() => onAction(muted ? 'unmute' : 'mute')}>
        {t(muted ? 'roomMenu.unmute' : 'roomMenu.mute')}
      </MenuItem>
      <MenuItem
        icon={archived ? ArchiveRestore : Archive}
        onSelect={() => onAction(archived ? 'unarchive' : 'archive')}
      >
        {t(archived ? 'roomMenu.unarchive' : 'roomMenu.archive')}
      </MenuItem>
      {readable && (
        <MenuItem icon={MailOpen} onSelect={() => onAction('mark-unread')}>
          {t('roomMenu.markUnread')}
        </MenuItem>
      )}
      <MenuSeparator />
      {blocked !== null && (
        <MenuItem danger={!blocked} icon={Ban} onSelect={() => onAction(blocked ? 'unblock' : 'block')}>
          {t(blocked ? 'roomMenu.unblock' : 'roomMenu.block')}
        </MenuItem>
      )}
      <MenuItem danger icon={LogOut} onSelect={() => onAction('leave')}>
        {t('roomMenu.leave')}
      </MenuItem>
    </Menu>
  )
}
