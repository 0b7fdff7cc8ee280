/** How times are written in a language. They come as ISO 8601; `now` is the reader's clock. */
export type Format = {
  /** 오후 2:41 · 2:41 PM */
  time(at: string): string
  /** In a list: the time today, then yesterday, then the date. */
  listTime(at: string, now: Date): string
  /** The line above a day's messages: 8월 14일 목요일. */
  day(at: string): string
  /** 5분 전 · 5 min. ago; never in the future, whatever the device's clock says. */
  ago(at: string, now: Date): string
  /** Names the day a time falls on where the reader is: equal names, same day. */
  dayKey(at: string | Date): string
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** @param timeZone IANA name; the device's own when left out. */
export function createFormat(language: string, timeZone: string | undefined): Format {
  const zone = timeZone === undefined ? {} : { timeZone }
  const writer = (locale: string, options: Intl.DateTimeFormatOptions) => {
    // Made with its first use: importing the package, and a server that writes no time, make none.
    let format: Intl.DateTimeFormat | undefined
    return (at: string | Date) => {
      format ??= new Intl.DateTimeFormat(locale, { ...options, ...zone })
      return format.format(new Date(at))
    }
  }
  const time = writer(language, { hour: 'numeric', minute: '2-digit' })
  const date = writer(language, { year: 'numeric', month: 'short', day: 'numeric' })
  const day = writer(language, { year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' })
  // The Swedish way of writing dates is ISO's, in any time zone.
  const dayKey = writer('sv-SE', { year: 'numeric', month: '2-digit', day: '2-digit' })
  const relative = () => new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' })
  return {
    time,
    day,
    dayKey,
    listTime(at, now) {
      if (dayKey(at) === dayKey(now)) return time(at)
      const isYesterday = dayKey(at) === dayKey(new Date(now.getTime() - DAY_MS))
      return isYesterday ? relative().format(-1, 'day') : date(at)
    },
    ago(at, now) {
      const pastMs = Math.max(0, now.getTime() - Date.parse(at))
      if (pastMs < MINUTE_MS) return relative().format(0, 'second')
      if (pastMs < HOUR_MS) return relative().format(-Math.floor(pastMs / MINUTE_MS), 'minute')
      if (pastMs < DAY_MS) return relative().format(-Math.floor(pastMs / HOUR_MS), 'hour')
      return relative().format(-Math.floor(pastMs / DAY_MS), 'day')
    },
  }
}
