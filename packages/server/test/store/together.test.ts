import { expect, test } from 'vitest'
import { limitConcurrency } from '../../src/store/limit-concurrency.ts'
import { together } from '../../src/store/together.ts'

/** Reads that end when they are let, each as often as was asked for it. */
function late({ places = 1, maxWaiting = 100, most = 3, limit = limitConcurrency(places) } = {}) {
  const reads: { keys: readonly number[]; end: PromiseWithResolvers<void> }[] = []
  const ask = together(
    limit,
    async (keys: readonly number[]) => {
      const end = Promise.withResolvers<void>()
      reads.push({ keys, end })
      await end.promise
      return keys.map((key) => key * 10)
    },
    { most, maxWaiting },
  )
  const endAll = async (asked: Promise<number>[]): Promise<PromiseSettledResult<number>[]> => {
    const settled = Promise.allSettled(asked)
    for (let index = 0; index < reads.length || (await isPending(settled)); index += 1)
      reads[index]?.end.resolve()
    return settled
  }
  return { ask, reads, endAll }
}

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending')
  await new Promise(setImmediate)
  return (await Promise.race([promise, Promise.resolve(pending)])) === pending
}

const keysOf = (reads: { keys: readonly number[] }[]) => reads.map(({ keys }) => keys)

test('whoever finds a place is read at once and alone, and who waits is read with others, in order', async () => {
  const { ask, reads, endAll } = late({ places: 2 })
  const asked = Array.from({ length: 9 }, (_, key) => ask(key))
  expect(keysOf(reads)).toEqual([[0], [1]])
  expect(await endAll(asked)).toEqual(
    Array.from({ length: 9 }, (_, key) => ({ status: 'fulfilled', value: key * 10 })),
  )
  expect(keysOf(reads)).toEqual([[0], [1], [2, 3, 4], [5, 6, 7], [8]])
  const later = ask(9)
  expect(keysOf(reads).at(-1)).toEqual([9])
  await endAll([later])
})

test('a read that fails fails for those it was for, and for nobody else', async () => {
  const { ask, reads, endAll } = late()
  const asked = Array.from({ length: 6 }, (_, key) => ask(key))
  reads[0]?.end.resolve()
  await asked[0]
  await new Promise(setImmediate)
  reads[1]?.end.reject(new Error('the database is gone'))
  expect((await endAll(asked)).map(({ status }) => status)).toEqual([
    'fulfilled',
    ...['rejected', 'rejected', 'rejected'],
    ...['fulfilled', 'fulfilled'],
  ])
})

test('with too many waiting the next one is refused, and the others are read all the same', async () => {
  const { ask, reads, endAll } = late({ maxWaiting: 2 })
  const asked = [ask(0), ask(1), ask(2)]
  await expect(ask(3)).rejects.toMatchObject({ code: 'overloaded', retryAfterMs: expect.any(Number) })
  expect((await endAll(asked)).map(({ status }) => status)).toEqual(Array(3).fill('fulfilled'))
  expect(keysOf(reads)).toEqual([[0], [1, 2]])
})

test('who waits is no more than those that wait, however long others were read before', async () => {
  const { ask, reads, endAll } = late({ maxWaiting: 3 })
  const asked = [ask(0)]
  for (let key = 1; key < 40; key += 1) {
    asked.push(ask(key))
    if (key % 3 === 0) reads.at(-1)?.end.resolve()
    if (key % 3 === 0) await new Promise(setImmediate)
  }
  expect((await endAll(asked)).map(({ status }) => status)).toEqual(Array(40).fill('fulfilled'))
})

test('where others fill the line for places, whoever is not read is told so', async () => {
  const gate = Promise.withResolvers<void>()
  const limit = limitConcurrency(1, { maxWaiting: 2 })
  const others = [limit(() => gate.promise), limit(() => gate.promise)]
  const { ask, endAll } = late({ limit, most: 2 })
  const asked = [ask(0), ask(1), ask(2), ask(3)]
  await expect(asked[2]).rejects.toMatchObject({ code: 'overloaded' })
  await expect(asked[3]).rejects.toMatchObject({ code: 'overloaded' })
  gate.resolve()
  await Promise.all(others)
  const settled = await endAll(asked)
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected'])
})
