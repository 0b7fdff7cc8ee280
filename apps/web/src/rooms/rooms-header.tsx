import type { Badge as BadgeValue } from '@tally/protocol'
import { CheckCheck, Columns2, EllipsisVertical } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useRouter } from '../routing/router.ts'
import { Badge } from '../ui/badge.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { Menu } from '../ui/menu.tsx'
import { Sign } from '../ui/sign.tsx'

type RoomsHeaderProps = {
  badge: BadgeValue | null
  onMarkAllRead: () => void
  /** The bell. */
  children: ReactNode
}

/** The top of the list: the sign, the title and the total. */
export function RoomsHeader({ badge, onMarkAllRead, children }: RoomsHeaderProps) {
  const { t } = useTranslation()
  const router = useRouter()
  const total = badge?.total ?? 0
  return (
    <header className="flex items-center gap-2.5 p-4">
      <Sign />
      <h1 className="text-4 font-bold tracking-[-0.01em]">{t('chats.title')}</h1>
      <span className="flex" data-testid="total">
        <Badge count={total} label={t('badge.unread', { count: total })} />
      </span>
      <span className="flex-1" />
      {children}
      <Menu
        entries={[
          { icon: CheckCheck, text: t('chats.markAllRead'), onSelect: onMarkAllRead },
          { icon: Columns2, text: t('signIn.demo'), onSelect: () => router.go('/demo') },
        ]}
        trigger={<IconButton icon={EllipsisVertical} label={t('chats.menu')} />}
      />
    </header>
  )
}
