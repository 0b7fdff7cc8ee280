import type { Readable, Tally } from '@tally/client'
import {
  changePreferences,
  type PreferenceChoices,
  type Preferences,
  readPreferences,
} from '@tally/client/extras'
import { createContext, useContext } from 'react'

/** What a change makes of the present choices: those that it names. */
type Change = (present: Preferences) => Partial<PreferenceChoices>

/** What may reach the person: the server's word, and what is being changed here on top of it. */
export type PreferenceStore = Readable<Preferences | null> & {
  /** What holds now; asked for where it is not known, or another device has changed it. */
  current(): Promise<Preferences>
  /** Shows the change at once, and takes it back if it is refused. @throws RequestError */
  change(change: Change): Promise<void>
}

/** How long one is taken to know it, should word of another device's change have got lost. */
const BELIEVED_FOR_MS = 5 * 60_000

export function createPreferenceStore(tally: Tally): PreferenceStore {
  const listeners = new Set<() => void>()
  let known: Preferences | null = null
  let knownAtMs = Number.NEGATIVE_INFINITY
  let shown: Preferences | null = null
  let changes: readonly Change[] = []
  let last: Promise<unknown> = Promise.resolve()

  const show = () => {
    shown = known === null ? null : changes.reduce(apply, known)
    for (const listener of listeners) listener()
  }
  const learn = (preferences: Preferences) => {
    if (known !== null && preferences.rev < known.rev) return
    known = preferences
    knownAtMs = performance.now()
    show()
  }
  const current = async (): Promise<Preferences> => {
    const { preferencesRev } = tally.notifications.list.get().state
    const isCurrent = performance.now() - knownAtMs < BELIEVED_FOR_MS
    if (known !== null && isCurrent && known.rev >= preferencesRev) return shown ?? known
    const read = await readPreferences(tally)
    learn(read)
    return shown ?? read
  }
  const write = async (change: Change): Promise<void> => {
    try {
      const present = known ?? (await readPreferences(tally))
      learn(await changePreferences(tally, present, (newest) => apply(newest, change)))
    } finally {
      changes = changes.filter((other) => other !== change)
      show()
    }
  }
  return {
    get: () => shown,
    subscribe(onChange) {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
    current,
    change(change) {
      changes = [...changes, change]
      show()
      // One after the other: the next one follows upon the rev of this one.
      const written = last.then(() => write(change))
      last = written.catch(() => {})
      return written
    },
  }
}

function apply(present: Preferences, change: Change): Preferences {
  return { ...present, ...change(present) }
}

export const PreferenceStoreContext = createContext<PreferenceStore | null>(null)

export function usePreferenceStore(): PreferenceStore {
  const store = useContext(PreferenceStoreContext)
  if (store === null) throw new Error('usePreferenceStore needs a PreferenceStoreContext above it')
  return store
}
