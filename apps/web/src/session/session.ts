import { createContext, useContext } from 'react'

/**
 * Who this tab is. Kept per tab, so that two windows of one browser can be two people; a new one, or an app that was
 * closed and is opened again, is who signed in last.
 */
export type Session = {
  /** The token signed in with; `null`: nobody yet. */
  get(): string | null
  signIn(token: string): void
  signOut(): void
  subscribe(onChange: () => void): () => void
}

const KEY = 'tally.token'

export function createSession(): Session {
  const listeners = new Set<() => void>()
  // Empty: somebody signed out here, and is not to become who signed in elsewhere.
  let token = sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY) ?? ''
  const become = (next: string) => {
    sessionStorage.setItem(KEY, next)
    if (next !== '') localStorage.setItem(KEY, next)
    else if (localStorage.getItem(KEY) === token) localStorage.removeItem(KEY)
    token = next
    for (const listener of listeners) listener()
  }
  if (token !== '') sessionStorage.setItem(KEY, token)
  return {
    get: () => token || null,
    signIn: become,
    signOut: () => become(''),
    subscribe(onChange) {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
  }
}

export const SessionContext = createContext<Session | null>(null)

export function useSession(): Session {
  const session = useContext(SessionContext)
  if (session === null) throw new Error('useSession needs a SessionContext above it')
  return session
}
