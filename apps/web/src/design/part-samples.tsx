import { Archive, Bell, BellOff, EllipsisVertical, LogOut } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { BadgeLatencyContext } from '../connection/badge-latency.ts'
import { ConnectionIndicator } from '../connection/connection-indicator.tsx'
import { Pill } from '../demo/pill.tsx'
import { Sparkline } from '../demo/sparkline.tsx'
import { TimingBar } from '../demo/timing-bar.tsx'
import { LanguageSetting, ThemeSetting } from '../settings/appearance-settings.tsx'
import { Switch } from '../settings/setting.tsx'
import { Avatar } from '../ui/avatar.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import type { Confirmation } from '../ui/confirm-popup.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { Menu } from '../ui/menu.tsx'
import { Sign } from '../ui/sign.tsx'
import { useToasts } from '../ui/toasts.ts'
import { Sample, Section } from './section.tsx'

const CONNECTIONS = [
  { state: 'live', transport: 'websocket', latencyMs: 4, activeUsers: null },
  { state: 'polling', transport: 'polling', latencyMs: 31, activeUsers: 2 },
  { state: 'connecting', transport: null, latencyMs: null, activeUsers: null },
  { state: 'catching-up', transport: 'websocket', latencyMs: null, activeUsers: null },
  { state: 'offline', transport: null, latencyMs: null, activeUsers: null },
  { state: 'closed', transport: null, latencyMs: null, activeUsers: null },
] as const

const MEASURED = { get: () => 4, subscribe: () => () => {} }

const COUNTS = [1, 7, 26, 99, 100, 12_345]

/** The small parts, in every state. */
export function PartSamples() {
  const { t } = useTranslation()
  const toasts = useToasts()
  const [on, setOn] = useState(true)
  const [confirmation, setConfirmation] = useState<Confirmation | null>(null)
  const ask = () =>
    setConfirmation({
      title: t('confirm.delete'),
      hint: t('confirm.deleteHint'),
      action: t('message.delete'),
      onConfirm: () => toasts.show(t('message.deleted')),
    })
  return (
    <Section title="Parts">
      <Sample name="sign: still, drawing">
        <Sign size={40} />
        <Sign drawing size={40} />
      </Sample>
      <Sample name="badge: counted, muted, small">
        {COUNTS.map((count) => (
          <Badge count={count} key={count} label={t('badge.unread', { count })} />
        ))}
        <Badge count={26} label={t('badge.unread', { count: 26 })} muted />
        <Badge count={2} label={t('badge.notifications', { count: 2 })} small />
      </Sample>
      <Sample name="avatar: here, away, gone, small">
        <Avatar name="한빛 식당" online />
        <Avatar name="Élodie" />
        <Avatar name={null} />
        <Avatar name="김민준" size="small" />
      </Sample>
      <Sample name="button: primary, quiet, danger, disabled">
        <Button tone="primary">{t('room.send')}</Button>
        <Button>{t('common.cancel')}</Button>
        <Button tone="danger">{t('message.delete')}</Button>
        <Button disabled tone="primary">
          {t('room.send')}
        </Button>
      </Sample>
      <Sample name="icon button, menu, question, short message">
        <IconButton icon={Bell} label={t('notifications.title')} />
        <IconButton disabled icon={Bell} label={t('notifications.title')} />
        <Menu
          align="start"
          entries={[
            { icon: BellOff, text: t('roomMenu.mute'), onSelect: () => toasts.show(t('roomMenu.mute')) },
            {
              icon: Archive,
              text: t('roomMenu.archive'),
              onSelect: () => toasts.show(t('roomMenu.archive')),
            },
            'line',
            { icon: LogOut, text: t('roomMenu.leave'), onSelect: ask, danger: true },
          ]}
          trigger={<IconButton icon={EllipsisVertical} label={t('room.menu')} />}
        />
        <Button onClick={ask}>{t('message.delete')}</Button>
        <Button onClick={() => toasts.show(t('message.copied'))}>{t('message.copy')}</Button>
      </Sample>
      <Sample name="choice">
        <LanguageSetting />
        <ThemeSetting />
      </Sample>
      <Sample name="switch: on, off, not to be had">
        <div className="grid w-60">
          <Switch checked={on} label={t('settings.kinds.messages')} onChange={setOn} />
          <Switch checked={false} label={t('settings.kinds.news')} onChange={() => {}} />
          <Switch checked={false} disabled label={t('settings.desktop')} onChange={() => {}} />
        </div>
      </Sample>
      <Sample name="connection">
        <BadgeLatencyContext value={MEASURED}>
          {CONNECTIONS.map((connection) => (
            <ConnectionIndicator connection={connection} key={connection.state + connection.transport} />
          ))}
        </BadgeLatencyContext>
      </Sample>
      <Sample name="pill: to do, off, on">
        <Pill onClick={() => {}} primary>
          {t('demo.hello')}
        </Pill>
        <Pill on={false} onClick={() => {}}>
          {t('demo.offline')}
        </Pill>
        <Pill on onClick={() => {}}>
          {t('demo.offline')}
        </Pill>
      </Sample>
      <Sample name="measured">
        <div className="grid w-80 gap-4">
          <TimingBar parts={null} />
          <TimingBar parts={{ commit: 1.9, ledger: 0.6, wire: 1.1, shown: 0.8 }} />
          <Sparkline valuesMs={[4, 4.4, 3.8, 4.6, 4.1, 9.2, 4.2, 4, 4.5, 3.9, 4.1, 5, 4.2]} />
        </div>
      </Sample>
      <ConfirmDialog confirmation={confirmation} onClose={() => setConfirmation(null)} />
    </Section>
  )
}
