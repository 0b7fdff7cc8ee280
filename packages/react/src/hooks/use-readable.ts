import type { Readable } from '@tally/client'
import { useSyncExternalStore } from 'react'

/**
 * A value of the client, now and after each of its changes.
 *
 * @param before what a server writes into the page, and the browser shows until it has taken the page over: the value
 * before anything was loaded. The same reference each time. Unless given: the value there is.
 */
export function useReadable<T>(readable: Readable<T>, before?: { readonly value: T }): T {
  const getBefore = before === undefined ? readable.get : () => before.value
  return useSyncExternalStore(readable.subscribe, readable.get, getBefore)
}
