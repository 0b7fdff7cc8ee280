import type { KeyValueStorage } from './key-value-storage.ts'

const DATABASE = 'tally'
const STORE = 'entries'
const HIGHEST_CHARACTER = '\uffff'

/** The browser's database, where there is one; it is opened when something is first asked of it. */
export function indexedDbStorage(): KeyValueStorage | undefined {
  const { indexedDB: factory, IDBKeyRange: ranges } = globalThis as unknown as Partial<Platform>
  if (factory === undefined || ranges === undefined) return undefined
  let opening: Promise<Database> | undefined
  const store = async (mode: 'readonly' | 'readwrite'): Promise<Store> => {
    opening ??= open(factory, () => {
      opening = undefined
    })
    return (await opening).transaction(STORE, mode).objectStore(STORE)
  }
  const write = async (change: (entries: Store) => void): Promise<void> => {
    const entries = await store('readwrite')
    change(entries)
    await kept(entries.transaction)
  }
  return {
    entries: async (prefix) => {
      const entries = await store('readonly')
      const range = ranges.bound(prefix, prefix + HIGHEST_CHARACTER)
      const [keys, values] = await Promise.all([done(entries.getAllKeys(range)), done(entries.getAll(range))])
      return keys.map((key, index) => [key, values[index] ?? ''] as const)
    },
    set: (key, value) => write((entries) => entries.put(value, key)),
    delete: (key) => write((entries) => entries.delete(key)),
  }
}

async function open(factory: Factory, onClosed: () => void): Promise<Database> {
  try {
    const request = factory.open(DATABASE, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE)
    const database = await done(request)
    // A page of a newer version wants to change it: whoever keeps it open would make that page wait for ever.
    database.onversionchange = () => {
      database.close()
      onClosed()
    }
    database.onclose = onClosed
    return database
  } catch (error) {
    onClosed()
    throw error
  }
}

function done<T>(request: Request<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

/** What a request wrote may still be lost: for want of room, say, which shows when the transaction ends. */
function kept(transaction: Transaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error)
  })
}

/** What is used of a browser's types, which this package does without elsewhere. */
type Platform = { indexedDB: Factory; IDBKeyRange: { bound(from: string, to: string): object } }
type Factory = {
  open(name: string, version: number): Request<Database> & { onupgradeneeded: (() => void) | null }
}
type Request<T> = {
  readonly result: T
  readonly error: unknown
  onsuccess: (() => void) | null
  onerror: (() => void) | null
}
type Database = {
  createObjectStore(name: string): void
  transaction(store: string, mode: 'readonly' | 'readwrite'): { objectStore(name: string): Store }
  close(): void
  onversionchange: (() => void) | null
  onclose: (() => void) | null
}
type Transaction = {
  readonly error: unknown
  oncomplete: (() => void) | null
  onabort: (() => void) | null
}
type Store = {
  readonly transaction: Transaction
  getAllKeys(range: object): Request<string[]>
  getAll(range: object): Request<string[]>
  put(value: string, key: string): Request<unknown>
  delete(key: string): Request<unknown>
}
