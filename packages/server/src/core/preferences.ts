import type { Preferences } from '@tally/protocol'

/** What a person has chosen. */
export type StoredPreferences = Omit<Preferences, 'rev' | 'knownTypes'>

/** What holds for somebody who has chosen nothing: everything may reach them, at any time. */
export const DEFAULT_PREFERENCES: StoredPreferences = {
  messages: { push: true },
  notifications: { inApp: true, push: true },
  types: {},
  quietHours: { on: false, from: '22:00', to: '08:00', timeZone: 'UTC', days: [0, 1, 2, 3, 4, 5, 6] },
}
