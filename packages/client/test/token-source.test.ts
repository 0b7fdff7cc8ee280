import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TokenSource } from '../src/token-source.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

test('a token is asked for once and kept until it is refused', async () => {
  const option = vi.fn(async () => `token-${option.mock.calls.length}`)
  const tokens = new TokenSource(option)
  const first = [tokens.get({ fresh: false }), tokens.get({ fresh: false })]
  expect(await Promise.all(first)).toEqual(['token-1', 'token-1'])
  expect(await tokens.get({ fresh: false })).toBe('token-1')
  expect(await tokens.get({ fresh: true })).toBe('token-2')
  expect(tokens.current).toBe('token-2')
})

test.each([
  ['before', 'ben', 'ann'],
  ['after', 'ann', 'ben'],
])("a token of before a stop that comes %s the next one is nobody's", async (_, ...order) => {
  const asked: PromiseWithResolvers<string>[] = []
  const told = vi.fn()
  const tokens = new TokenSource(() => {
    const answer = Promise.withResolvers<string>()
    asked.push(answer)
    return answer.promise
  }, told)
  const before = expect(tokens.get({ fresh: false })).rejects.toMatchObject({ code: 'unavailable' })
  tokens.forget()
  const after = tokens.get({ fresh: false })
  for (const name of order) {
    asked[name === 'ann' ? 0 : 1]?.resolve(`of ${name}`)
    await (name === 'ann' ? before : after)
  }
  expect(await after).toBe('of ben')
  expect(await tokens.get({ fresh: false })).toBe('of ben')
  expect(tokens.current).toBe('of ben')
  expect(told.mock.calls.flat()).toEqual(['of ben'])
  expect(asked).toHaveLength(2)
})

test('a function that throws at once is refused like one that fails, and asked again', async () => {
  let calls = 0
  const tokens = new TokenSource(() => {
    if (++calls === 1) throw new Error('there is no session')
    return Promise.resolve('at last')
  })
  await expect(tokens.get({ fresh: false })).rejects.toThrow('there is no session')
  expect(await tokens.get({ fresh: false })).toBe('at last')
})

test('a function that never answers is asked again', async () => {
  let calls = 0
  const tokens = new TokenSource(() => (++calls === 1 ? new Promise(() => {}) : Promise.resolve('at last')))
  const first = expect(tokens.get({ fresh: false })).rejects.toMatchObject({ code: 'timeout' })
  await vi.advanceTimersByTimeAsync(60_000)
  await first
  expect(await tokens.get({ fresh: false })).toBe('at last')
})
