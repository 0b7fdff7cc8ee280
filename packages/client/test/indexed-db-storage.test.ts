import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { indexedDbStorage } from '../src/indexed-db-storage.ts'

/** The transactions of a browser's database whose requests succeed at once, and that end when they are told to. */
let transactions: { oncomplete: () => void; onabort: () => void; error: unknown }[]

beforeEach(() => {
  transactions = []
  const succeeding = (result: unknown) => {
    const request = { result, onsuccess: () => {} }
    queueMicrotask(() => request.onsuccess())
    return request
  }
  const transaction = () => {
    const begun = { oncomplete: () => {}, onabort: () => {}, error: null, objectStore: () => store }
    const store = {
      transaction: begun,
      put: () => succeeding('key'),
      delete: () => succeeding(undefined),
    }
    transactions.push(begun)
    return begun
  }
  vi.stubGlobal('indexedDB', { open: () => succeeding({ transaction }) })
  vi.stubGlobal('IDBKeyRange', {})
})
afterEach(() => {
  vi.unstubAllGlobals()
})

const storage = () => indexedDbStorage()!

test('what is written is kept once its transaction is complete, not before', async () => {
  const done: string[] = []
  const writing = storage()
    .set('a', '1')
    .then(() => done.push('set'))
  await vi.waitUntil(() => transactions.length === 1, { timeout: 15_000 })
  // Longer than the request takes.
  await new Promise((resolve) => setImmediate(resolve))
  expect(done).toEqual([])
  transactions[0]!.oncomplete()
  await writing
  expect(done).toEqual(['set'])
})

test('what the browser could not keep in the end is said to be lost, although its request succeeded', async () => {
  for (const write of [() => storage().set('a', '1'), () => storage().delete('a')]) {
    transactions = []
    const failing = expect(write()).rejects.toThrow('no room')
    await vi.waitUntil(() => transactions.length === 1, { timeout: 15_000 })
    const [transaction] = transactions
    await new Promise((resolve) => setImmediate(resolve))
    Object.assign(transaction!, { error: new Error('no room') })
    transaction!.onabort()
    await failing
  }
})
