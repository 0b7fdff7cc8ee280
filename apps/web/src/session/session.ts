import { createContext, useContext } from 'react'

/**
 * Who this tab is. Kept per tab, so that two windows of one browser can be two people; a new one, or an app that was
 * closed and is opened again, is who signed in last. Where storage is forbidden, it lasts as long as the page.
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
  let token = readToken()
  const become = (next: string) => {
    keepToken(next, token)
    token = next
    for (const listener of listeners) listener()
  }
  if (token !== '') keepForTab(token)
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

/** Empty: nobody yet, or somebody signed out here, and is not to become who signed in elsewhere. */
function readToken(): string {
  try {
    return sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY) ?? ''
  } catch {
    return ''
  }
}

function keepToken(next: string, before: string): void {
  keepForTab(next)
  try {
    if (next !== '') localStorage.setItem(KEY, next)
    else if (localStorage.getItem(KEY) === before) localStorage.removeItem(KEY)
  } catch {
    // Forbidden or full: the next page asks who it is.
  }
}

function keepForTab(token: string): void {
  try {
    sessionStorage.setItem(KEY, token)
  } catch {
    // Forbidden or full: it holds for this page.
  }
}

export const SessionContext = createContext<Session | null>(null)

export function useSession(): Session {
  const session = useContext(SessionContext)
  if (session === null) throw new Error('useSession needs a SessionContext above it')
  return session
}
