import type { Tally } from '@tally/client'
import { registerDevice, signOutDevice } from '@tally/client/extras'

const KEY = 'tally.device'

/** By what this browser is known among a person's devices. Where storage is forbidden it is another one each time. */
function thisDeviceId(): string {
  try {
    const kept = localStorage.getItem(KEY)
    if (kept !== null) return kept
    const id = newId()
    localStorage.setItem(KEY, id)
    return id
  } catch {
    return newId()
  }
}

/** Puts this browser into the list of the person's devices as soon as there is a connection. @returns what gives that up. */
export function registerThisDevice(tally: Tally): () => void {
  let isOver = false
  const tryTo = () => {
    const { state } = tally.connection.get()
    if (isOver || (state !== 'live' && state !== 'polling')) return
    isOver = true
    // With the next connection again: until then it is missing in a list.
    registerDevice(tally, { id: thisDeviceId() }).catch(() => {
      isOver = false
    })
  }
  const unsubscribe = tally.connection.subscribe(tryTo)
  tryTo()
  return () => {
    isOver = true
    unsubscribe()
  }
}

/**
 * The token this page has is good no more from now on, whoever may have it; another tab with a token of its own stays
 * signed in. Without a connection it ends by its age.
 */
export async function signOutHere(tally: Tally): Promise<void> {
  await signOutDevice(tally, 'current').catch(() => {})
}

// `randomUUID` is there only where a page came over TLS or from this machine.
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}
