import type { Channels, Preferences } from '@tally/client/extras'
import { channelsOf } from '@tally/client/extras'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { usePreferenceStore } from '../alerts/preference-store.ts'
import { useStore } from '../tally/use-store.ts'
import { useAttempt } from '../use-attempt.ts'
import { QuietHoursSetting } from './quiet-hours.tsx'
import { Setting, Toggle } from './setting.tsx'
import { typeName } from './type-name.ts'

/** What may reach the person, and when: the same on all of the person's devices. To be shown once that is known. */
export function PreferenceSettings() {
  const { t } = useTranslation()
  const store = usePreferenceStore()
  const attempt = useAttempt()
  const preferences = useStore(store)
  if (preferences === null) return null
  const change = (made: Parameters<typeof store.change>[0]) => attempt(store.change(made))
  return (
    <>
      <Setting hint={t('settings.reachHint')} title={t('settings.reach')}>
        <ChannelTable onChange={change} preferences={preferences} />
      </Setting>
      <QuietHoursSetting
        onChange={(part) => change((present) => ({ quietHours: { ...present.quietHours, ...part } }))}
        quiet={preferences.quietHours}
      />
    </>
  )
}

type TableProps = {
  preferences: Preferences
  onChange: (change: (present: Preferences) => Partial<Preferences>) => void
}

/** A row for each type there is, a column for each way it may come. */
function ChannelTable({ preferences, onChange }: TableProps) {
  const { t } = useTranslation()
  const { messages, notifications, knownTypes } = preferences
  const setType = (type: string, change: Partial<Channels>) =>
    onChange((present) => ({
      types: { ...present.types, [type]: { ...channelsOf(present, type), ...change } },
    }))
  return (
    <table className="w-full border-collapse">
      <thead>
        <tr className="text-1 text-ink-2">
          <th className="text-left font-normal" scope="col">
            <span className="sr-only">{t('settings.type')}</span>
          </th>
          <th className="w-16 pb-1 text-center font-normal" scope="col">
            {t('settings.channels.inApp')}
          </th>
          <th className="w-16 pb-1 text-center font-normal" scope="col">
            {t('settings.channels.push')}
          </th>
        </tr>
      </thead>
      <tbody>
        <tr className="border-t border-line">
          <RowName>{t('settings.kinds.messages')}</RowName>
          <td className="text-center text-1 text-ink-3">{t('settings.always')}</td>
          <ChannelCell
            checked={messages.push}
            label={`${t('settings.kinds.messages')}: ${t('settings.channels.push')}`}
            onChange={(push) => onChange(() => ({ messages: { push } }))}
          />
        </tr>
        {knownTypes.map((type) => (
          <ChannelRow
            channels={channelsOf(preferences, type)}
            key={type}
            name={typeName(t, type)}
            onChange={(change) => setType(type, change)}
          />
        ))}
        <ChannelRow
          channels={notifications}
          name={t(knownTypes.length === 0 ? 'settings.kinds.news' : 'settings.otherTypes')}
          onChange={(change) =>
            onChange((present) => ({ notifications: { ...present.notifications, ...change } }))
          }
        />
      </tbody>
    </table>
  )
}

type RowProps = { name: string; channels: Channels; onChange: (change: Partial<Channels>) => void }

/** What is not in the app comes nowhere else either. */
function ChannelRow({ name, channels, onChange }: RowProps) {
  const { t } = useTranslation()
  return (
    <tr className="border-t border-line">
      <RowName>{name}</RowName>
      <ChannelCell
        checked={channels.inApp}
        label={`${name}: ${t('settings.channels.inApp')}`}
        onChange={(inApp) => onChange({ inApp })}
      />
      <ChannelCell
        checked={channels.inApp && channels.push}
        disabled={!channels.inApp}
        label={`${name}: ${t('settings.channels.push')}`}
        onChange={(push) => onChange({ push })}
      />
    </tr>
  )
}

function RowName({ children }: { children: string }) {
  return (
    <th
      className="max-w-0 truncate py-1.5 pr-2 text-left font-normal"
      dir="auto"
      scope="row"
      title={children}
    >
      {children}
    </th>
  )
}

type CellProps = { label: string; checked: boolean; disabled?: boolean; onChange: (checked: boolean) => void }

function ChannelCell({ label, ...toggle }: CellProps) {
  const id = useId()
  return (
    <td className="py-1.5 text-center">
      <label
        className="inline-grid cursor-pointer place-items-center p-1.5 has-disabled:cursor-default"
        htmlFor={id}
      >
        <span className="sr-only">{label}</span>
        <Toggle {...toggle} id={id} />
      </label>
    </td>
  )
}
