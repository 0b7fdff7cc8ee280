/** Everything that is written differently in different languages. Times are ISO 8601, `now` is the reader's clock. */
export type Format = {
  /** 오후 2:41 · 2:41 PM */
  time(at: string): string
  /** How a list says when: the time today, then yesterday, then the date. */
  listTime(at: string, now: Date): string
  /** The line above a day's messages: 8월 14일 목요일. */
  day(at: string, now: Date): string
  /** 5분 전 · 5 min. ago */
  ago(at: string, now: Date): string
  /** A day and a time, shortly, with the year if it is another one: 8월 14일 오후 2:41 · Aug 14, 2:41 PM */
  dayTime(at: string, now: Date): string
  /** For `title`: date and time in full. */
  moment(at: string): string
  number(value: number): string
  /** A size of a file: 1.2MB · 1.2 MB */
  bytes(value: number): string
  /** Milliseconds with one decimal below 100: `4.1`, `120`. */
  ms(value: number): string
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** @param timeZone IANA name; the reader's own when left out. */
export function createFormat(language: string, timeZone?: string): Format {
  const zone = timeZone === undefined ? {} : { timeZone }
  const date = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(language, { ...options, ...zone })
    return (at: string | Date) => format.format(new Date(at))
  }
  const time = date({ hour: 'numeric', minute: '2-digit' })
  const monthDay = date({ month: 'short', day: 'numeric' })
  const yearMonthDay = date({ year: 'numeric', month: 'short', day: 'numeric' })
  const dayTime = date({ month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' })
  const yearDayTime = date({
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
  })
  const weekday = date({ month: 'long', day: 'numeric', weekday: 'long' })
  const yearWeekday = date({ year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' })
  const moment = date({ dateStyle: 'full', timeStyle: 'short' })
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' })
  const number = new Intl.NumberFormat(language)
  const tenths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
  const inUnit = (unit: 'byte' | 'kilobyte' | 'megabyte') =>
    new Intl.NumberFormat(language, {
      style: 'unit',
      unit,
      unitDisplay: unit === 'byte' ? 'long' : 'short',
      maximumFractionDigits: 1,
    })
  const [bytes, kilobytes, megabytes] = [inUnit('byte'), inUnit('kilobyte'), inUnit('megabyte')]
  const year = createDayKey(timeZone, 'year')
  const day = createDayKey(timeZone, 'day')

  return {
    time,
    listTime(at, now) {
      if (day(at) === day(now)) return time(at)
      if (day(at) === day(new Date(now.getTime() - DAY_MS))) return relative.format(-1, 'day')
      return year(at) === year(now) ? monthDay(at) : yearMonthDay(at)
    },
    day: (at, now) => (year(at) === year(now) ? weekday(at) : yearWeekday(at)),
    ago(at, now) {
      const pastMs = Math.max(0, now.getTime() - Date.parse(at))
      if (pastMs < MINUTE_MS) return relative.format(0, 'second')
      if (pastMs < HOUR_MS) return relative.format(-Math.floor(pastMs / MINUTE_MS), 'minute')
      if (pastMs < DAY_MS) return relative.format(-Math.floor(pastMs / HOUR_MS), 'hour')
      return relative.format(-Math.floor(pastMs / DAY_MS), 'day')
    },
    dayTime: (at, now) => (year(at) === year(now) ? dayTime(at) : yearDayTime(at)),
    moment,
    number: (value) => number.format(value),
    bytes: (value) => {
      if (value < 1_000) return bytes.format(value)
      return value < 1_000_000 ? kilobytes.format(value / 1_000) : megabytes.format(value / 1_000_000)
    },
    ms: (value) => (value < 100 ? tenths : number).format(value < 100 ? value : Math.round(value)),
  }
}

/**
 * A function that names the day (or year) an instant falls on where the reader is: equal names, same day.
 * Calendar days, not 24 hours: a message of 23:59 and one of 00:01 are two days.
 */
export function createDayKey(timeZone?: string, unit: 'day' | 'year' = 'day'): (at: string | Date) => string {
  // The Swedish way of writing dates is ISO's, in any time zone.
  const format = new Intl.DateTimeFormat('sv-SE', {
    year: 'numeric',
    ...(unit === 'day' ? { month: '2-digit', day: '2-digit' } : {}),
    ...(timeZone === undefined ? {} : { timeZone }),
  })
  return (at) => format.format(new Date(at))
}
