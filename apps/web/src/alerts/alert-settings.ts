import { createContext, useContext } from 'react'

/** What may interrupt: messages, or entries of the notification feed. */
export type AlertKind = 'messages' | 'news'
/** How: a sound, or a notification of the system. */
export type AlertChannel = 'sound' | 'desktop'

/** What this browser may do to be noticed. */
export type AlertSettings = {
  sound: Record<AlertKind, boolean>
  desktop: Record<AlertKind, boolean>
  /** No interruptions from one time of the day to another (`22:00`), in the device's own time zone. */
  quiet: { on: boolean; from: string; to: string }
  /** The question before the browser's own was answered with "not now". */
  declined: boolean
}

export const DEFAULT_ALERTS: AlertSettings = {
  sound: { messages: true, news: false },
  desktop: { messages: false, news: false },
  quiet: { on: false, from: '22:00', to: '08:00' },
  declined: false,
}

/** Whether something of this kind may interrupt in this way right now. */
export function mayAlert(
  settings: AlertSettings,
  { kind, channel, at }: { kind: AlertKind; channel: AlertChannel; at: Date },
): boolean {
  return settings[channel][kind] && !isQuiet(settings.quiet, at)
}

/** From the first minute to before the last; over midnight when it ends before it begins. */
export function isQuiet({ on, from, to }: AlertSettings['quiet'], at: Date): boolean {
  if (!on) return false
  const now = at.getHours() * 60 + at.getMinutes()
  const [start, end] = [minutesOf(from), minutesOf(to)]
  return start <= end ? start <= now && now < end : start <= now || now < end
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

/** The settings of this browser, kept beyond the page. */
export type AlertStore = {
  get(): AlertSettings
  set(next: AlertSettings): void
  subscribe(onChange: () => void): () => void
}

const KEY = 'tally.alerts'

export function createAlertStore(): AlertStore {
  const listeners = new Set<() => void>()
  let current = read()
  return {
    get: () => current,
    set(next) {
      current = next
      try {
        localStorage.setItem(KEY, JSON.stringify(next))
      } catch {
        // Forbidden or full: it holds for this page.
      }
      for (const listener of listeners) listener()
    },
    subscribe(onChange) {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
  }
}

function read(): AlertSettings {
  try {
    const kept: Partial<AlertSettings> = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    return {
      sound: { ...DEFAULT_ALERTS.sound, ...kept.sound },
      desktop: { ...DEFAULT_ALERTS.desktop, ...kept.desktop },
      quiet: { ...DEFAULT_ALERTS.quiet, ...kept.quiet },
      declined: kept.declined === true,
    }
  } catch {
    return DEFAULT_ALERTS
  }
}

export const AlertsContext = createContext<AlertStore | null>(null)

export function useAlertStore(): AlertStore {
  const store = useContext(AlertsContext)
  if (store === null) throw new Error('useAlertStore needs an AlertsContext above it')
  return store
}
