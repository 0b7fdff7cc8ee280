import type { Interruption, Preferences } from '@tally/client/extras'
import { isQuiet, mayPush } from '@tally/client/extras'
import { createContext, useContext } from 'react'

/** What may make a sound: messages, or entries of the notification feed. */
export type AlertKind = 'messages' | 'news'

/** What this browser may do to be noticed. What may reach the person at all is the person's, on every device. */
export type AlertSettings = {
  sound: Record<AlertKind, boolean>
  /** Whether this browser shows notifications of the system. */
  desktop: boolean
  /** The question before the browser's own was answered with "not now". */
  declined: boolean
}

export const DEFAULT_ALERTS: AlertSettings = {
  sound: { messages: true, news: false },
  desktop: false,
  declined: false,
}

type Now = { preferences: Preferences; what: Interruption; at: Date }

/** Whether this may be heard here now. */
export function maySound({ sound }: AlertSettings, { preferences, what, at }: Now): boolean {
  return sound[what.kind === 'message' ? 'messages' : 'news'] && !isQuiet(preferences.quietHours, at)
}

/** Whether this may show as a notification of the system here now. */
export function mayShow({ desktop }: AlertSettings, { preferences, what, at }: Now): boolean {
  return desktop && mayPush(preferences, what, at)
}

/** The settings of this browser, kept beyond the page. */
export type AlertStore = {
  get(): AlertSettings
  set(next: AlertSettings): void
  /** Told about every change, those made in another tab included. */
  subscribe(onChange: () => void): () => void
}

const KEY = 'tally.alerts'

export function createAlertStore(): AlertStore {
  const listeners = new Set<() => void>()
  let current = read()
  const become = (next: AlertSettings) => {
    current = next
    for (const listener of listeners) listener()
  }
  // Another tab chose; without a key, everything was cleared.
  addEventListener('storage', ({ key }) => {
    if (key === KEY || key === null) become(read())
  })
  return {
    get: () => current,
    set(next) {
      try {
        localStorage.setItem(KEY, JSON.stringify(next))
      } catch {
        // Forbidden or full: it holds for this page.
      }
      become(next)
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
      desktop: kept.desktop === true,
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
