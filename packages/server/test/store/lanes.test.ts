import { expect, test } from 'vitest'
import { lanes } from '../../src/store/lanes.ts'

/** Lanes in which work ends when it is let, and what began so far. */
function late(limits: { maxWaiting: number; mostInAll: number }) {
  const inLane = lanes(limits)
  const ends = new Map<string, PromiseWithResolvers<void>>()
  const run = (key: string, name: string): Promise<string> =>
    inLane(key, async () => {
      const end = Promise.withResolvers<void>()
      ends.set(name, end)
      await end.promise
      return name
    })
  const begun = async (): Promise<string[]> => {
    await new Promise(setImmediate)
    return [...ends.keys()]
  }
  return {
    run,
    begun,
    end: (name: string) => ends.get(name)!.resolve(),
    fail: (name: string) => ends.get(name)!.reject(new Error(name)),
  }
}

test('in a lane one is at work at a time, in the order they came, and lanes do not wait for each other', async () => {
  const { run, begun, end, fail } = late({ maxWaiting: 10, mostInAll: 10 })
  const works = [run('a', 'a1'), run('a', 'a2'), run('b', 'b1'), run('a', 'a3')]
  const settled = Promise.allSettled(works)
  expect(await begun()).toEqual(['a1', 'b1'])
  fail('a1')
  expect(await begun()).toEqual(['a1', 'b1', 'a2'])
  end('a2')
  expect(await begun()).toEqual(['a1', 'b1', 'a2', 'a3'])
  end('a3')
  end('b1')
  expect((await settled).map(({ status }) => status)).toEqual([
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ])
})

test('only so many wait in a lane, and in all of them', async () => {
  const { run, begun, end } = late({ maxWaiting: 1, mostInAll: 4 })
  const works = [run('a', 'a1'), run('a', 'a2')]
  await expect(run('a', 'a3')).rejects.toMatchObject({ code: 'overloaded', retryAfterMs: expect.any(Number) })
  works.push(run('b', 'b1'), run('c', 'c1'))
  await expect(run('d', 'd1')).rejects.toMatchObject({ code: 'overloaded' })
  for (const name of ['a1', 'b1', 'c1']) end(name)
  expect(await begun()).toContain('a2')
  end('a2')
  await Promise.all(works)
  const again = run('d', 'd2')
  expect(await begun()).toContain('d2')
  end('d2')
  expect(await again).toBe('d2')
})
