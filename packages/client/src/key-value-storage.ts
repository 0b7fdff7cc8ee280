/**
 * Where the messages that wait survive a reload: any store of texts by key. In browsers it is IndexedDB unless another
 * one is given; elsewhere whatever the platform has. What it fails at, or does not answer within three seconds, is kept in
 * memory all the same. Nobody waits for one call before the next one: those of one key take effect in the order in which
 * they were made.
 */
export interface KeyValueStorage {
  /** Everything whose key begins with `prefix`, in any order. */
  entries(prefix: string): Promise<readonly (readonly [key: string, value: string])[]>
  set(key: string, value: string): Promise<void>
  /** Whether there was anything or not. */
  delete(key: string): Promise<void>
}

/** As long as the program runs, and no longer. */
export function memoryStorage(): KeyValueStorage {
  const values = new Map<string, string>()
  return {
    entries: async (prefix) => [...values].filter(([key]) => key.startsWith(prefix)),
    set: async (key, value) => {
      values.set(key, value)
    },
    delete: async (key) => {
      values.delete(key)
    },
  }
}
