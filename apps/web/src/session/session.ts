import { createContext, useContext } from 'react'

/** Who this tab is. Kept per tab, so that two windows of one browser can be two people. */
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
  let token = sessionStorage.getItem(KEY)
  const become = (next: string | null) => {
    if (next === null) sessionStorage.removeItem(KEY)
    else sessionStorage.setItem(KEY, next)
    token = next
    for (const listener of listeners) listener()
  }
  return {
    get: () => token,
    signIn: become,
    signOut: () => become(null),
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
