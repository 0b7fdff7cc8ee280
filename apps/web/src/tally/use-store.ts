import type { Readable } from '@tally/client'
import { useSyncExternalStore } from 'react'

/** The value of a store of the client, now and after each of its changes. */
export function useStore<T>(store: Readable<T>): T {
  return useSyncExternalStore(store.subscribe, store.get)
}
