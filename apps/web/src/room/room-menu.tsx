import {
  Archive,
  ArchiveRestore,
  Ban,
  Bell,
  BellOff,
  EllipsisVertical,
  Flag,
  LogOut,
  MailOpen,
} from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { IconButton } from '../ui/icon-button.tsx'
import { Menu } from '../ui/menu.tsx'
import type { MenuEntry } from '../ui/menu-popup.tsx'

export type RoomAction =
  | 'mute'
  | 'unmute'
  | 'archive'
  | 'unarchive'
  | 'mark-unread'
  | 'leave'
  | 'block'
  | 'unblock'
  | 'report'

type RoomMenuProps = {
  muted: boolean
  archived: boolean
  /** Whether there is something that could be made unread again. */
  readable: boolean
  /** Whether there is somebody to report. */
  reportable: boolean
  /** `null`: not known yet, or there is nobody to block. */
  blocked: boolean | null
  onAction: (action: RoomAction) => void
}

/** What one can do with a room. */
export function RoomMenu({ muted, archived, readable, reportable, blocked, onAction }: RoomMenuProps) {
  const { t } = useTranslation()
  const entries: MenuEntry[] = [
    muted
      ? { icon: Bell, text: t('roomMenu.unmute'), onSelect: () => onAction('unmute') }
      : { icon: BellOff, text: t('roomMenu.mute'), onSelect: () => onAction('mute') },
    archived
      ? { icon: ArchiveRestore, text: t('roomMenu.unarchive'), onSelect: () => onAction('unarchive') }
      : { icon: Archive, text: t('roomMenu.archive'), onSelect: () => onAction('archive') },
  ]
  if (readable) {
    entries.push({ icon: MailOpen, text: t('roomMenu.markUnread'), onSelect: () => onAction('mark-unread') })
  }
  entries.push('line')
  if (reportable) {
    entries.push({ icon: Flag, text: t('roomMenu.report'), onSelect: () => onAction('report') })
  }
  if (blocked === true) {
    entries.push({ icon: Ban, text: t('roomMenu.unblock'), onSelect: () => onAction('unblock') })
  }
  if (blocked === false) {
    entries.push({ icon: Ban, text: t('roomMenu.block'), onSelect: () => onAction('block'), danger: true })
  }
  entries.push({ icon: LogOut, text: t('roomMenu.leave'), onSelect: () => onAction('leave'), danger: true })
  return <Menu entries={entries} trigger={<IconButton icon={EllipsisVertical} label={t('room.menu')} />} />
}
