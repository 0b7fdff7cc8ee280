import type { QuietHours } from '@tally/client/extras'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { useChoice, usePreferences } from '../preferences.ts'
import { Setting, Switch } from './setting.tsx'

type QuietHoursProps = { quiet: QuietHours; onChange: (change: Partial<QuietHours>) => void }

const FIELD = 'h-9 rounded-2 border border-line bg-paper px-2 text-2 tabular'

/** When nothing interrupts: between two times of the day, on some days, in the person's own time zone. */
export function QuietHoursSetting({ quiet, onChange }: QuietHoursProps) {
  const { t } = useTranslation()
  return (
    <Setting hint={t('settings.quietHint')} title={t('settings.quiet')}>
      <Switch
        checked={quiet.on}
        label={t('settings.quietOn')}
        // Who turns them on means the time here; who has them already has a reason for another one.
        onChange={(on) => onChange(on && quiet.timeZone === 'UTC' ? { on, timeZone: ownTimeZone() } : { on })}
      />
      {quiet.on && (
        <div className="grid gap-3">
          <div className="grid grid-cols-2 gap-3">
            {(['from', 'to'] as const).map((end) => (
              <label className="grid gap-1" key={end}>
                <span className="text-1 text-ink-2">{t(`settings.quietEnds.${end}`)}</span>
                <input
                  className={`w-full ${FIELD}`}
                  onChange={({ target }) => target.value !== '' && onChange({ [end]: target.value })}
                  type="time"
                  value={quiet[end]}
                />
              </label>
            ))}
          </div>
          <Days days={quiet.days} onChange={(days) => onChange({ days })} />
          <TimeZone onChange={(timeZone) => onChange({ timeZone })} timeZone={quiet.timeZone} />
        </div>
      )}
    </Setting>
  )
}

/** 4 January 2026 is a Sunday. */
const SUNDAY_MS = Date.UTC(2026, 0, 4)
const DAY_MS = 86_400_000
/** The week begins on Monday, as it does in Korea and most of the world. */
const WEEK = [1, 2, 3, 4, 5, 6, 0]

function Days({ days, onChange }: { days: readonly number[]; onChange: (days: number[]) => void }) {
  const { t } = useTranslation()
  const [language] = useChoice(usePreferences().language)
  const nameOf = (day: number, weekday: 'short' | 'long') =>
    new Intl.DateTimeFormat(language, { weekday, timeZone: 'UTC' }).format(SUNDAY_MS + day * DAY_MS)
  return (
    <fieldset className="flex gap-1">
      <legend className="mb-1 text-1 text-ink-2">{t('settings.quietDays')}</legend>
      {WEEK.map((day) => (
        <label
          className="grid h-9 min-w-0 flex-1 cursor-pointer place-items-center rounded-2 border border-line text-1 text-ink-2 has-checked:border-action has-checked:bg-action has-checked:font-semibold has-checked:text-on-action has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-action"
          key={day}
        >
          <input
            aria-label={nameOf(day, 'long')}
            checked={days.includes(day)}
            className="sr-only"
            onChange={({ target }) =>
              onChange(target.checked ? [...days, day].sort() : days.filter((other) => other !== day))
            }
            type="checkbox"
          />
          <span aria-hidden="true">{nameOf(day, 'short')}</span>
        </label>
      ))}
    </fieldset>
  )
}

function TimeZone({ timeZone, onChange }: { timeZone: string; onChange: (timeZone: string) => void }) {
  const { t } = useTranslation()
  const id = useId()
  const zones = new Set([ownTimeZone(), timeZone, ...Intl.supportedValuesOf('timeZone')])
  return (
    <div className="grid gap-1">
      <label className="text-1 text-ink-2" htmlFor={id}>
        {t('settings.timeZone')}
      </label>
      <select
        className={`w-full ${FIELD}`}
        id={id}
        onChange={({ target }) => onChange(target.value)}
        value={timeZone}
      >
        {[...zones].map((zone) => (
          <option key={zone} value={zone}>
            {zone.replaceAll('_', ' ')}
          </option>
        ))}
      </select>
    </div>
  )
}

function ownTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}
