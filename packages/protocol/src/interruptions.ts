import type { Channels, Preferences, QuietHours } from './preferences.ts'

/** What would interrupt somebody: a message, or an entry of the feed of this type. */
export type Interruption = { kind: 'message' } | { kind: 'notification'; type: string }

type Choices = Pick<Preferences, 'messages' | 'notifications' | 'types' | 'quietHours'>

/** What a person chose for a type of notification: of its own, or as for all others. */
export function channelsOf(
  { types, notifications }: Pick<Choices, 'types' | 'notifications'>,
  type: string,
): Channels {
  return (Object.hasOwn(types, type) ? types[type] : undefined) ?? notifications
}

/** Whether this may reach somebody who does not look at the app, at this moment. */
export function mayPush(choices: Choices, what: Interruption, at: Date): boolean {
  if (isQuiet(choices.quietHours, at)) return false
  if (what.kind === 'message') return choices.messages.push
  const { inApp, push } = channelsOf(choices, what.type)
  return inApp && push
}

/** Whether this moment is within somebody's quiet hours: from their first minute to before their last. */
export function isQuiet({ on, from, to, timeZone, days }: QuietHours, at: Date): boolean {
  if (!on) return false
  const { day, minute } = localTime(at, timeZone)
  const [start, end] = [minuteOf(from), minuteOf(to)]
  const beganToday = minute >= start && (end <= start || minute < end)
  const beganYesterday = end <= start && minute < end
  return (beganToday && days.includes(day)) || (beganYesterday && days.includes((day + 6) % 7))
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

function localTime(at: Date, timeZone: string): { day: number; minute: number } {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
  return {
    day: WEEKDAYS.indexOf(parts['weekday'] ?? ''),
    minute: Number(parts['hour']) * 60 + Number(parts['minute']),
  }
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}
