import type { TransportPolicy } from '@tally/client'
import { createContext, useContext, useSyncExternalStore } from 'react'
import type { Language } from './i18n/language.ts'
import type { StoredChoice } from './stored-choice.ts'
import type { Theme } from './theme/theme.ts'

/** What a person has chosen for this browser. */
export type Preferences = {
  theme: StoredChoice<Theme>
  language: StoredChoice<Language>
  /** How news travel. */
  transport: StoredChoice<TransportPolicy>
}

export const PreferencesContext = createContext<Preferences | null>(null)

export function usePreferences(): Preferences {
  const preferences = useContext(PreferencesContext)
  if (preferences === null) throw new Error('usePreferences needs a PreferencesContext above it')
  return preferences
}

export function useChoice<T extends string>(choice: StoredChoice<T>): [T, (next: T) => void] {
  return [useSyncExternalStore(choice.subscribe, choice.get), choice.set]
}
