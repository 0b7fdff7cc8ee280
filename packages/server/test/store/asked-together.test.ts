import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AskedTogether } from '../../src/store/asked-together.ts'

const EVERY_MS = 10

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Questions that are answered when the test says so, with ten times each number. */
function tens() {
  const asked: number[][] = []
  const answers: PromiseWithResolvers<void>[] = []
  const together = new AskedTogether<number, number>(
    async (keys) => {
      asked.push([...keys])
      const answer = Promise.withResolvers<void>()
      answers.push(answer)
      await answer.promise
      return keys.map((key) => key * 10)
    },
    { everyMs: EVERY_MS },
  )
  /** After its time has come: the next question waits for that of the one before. */
  const untilAsked = async (times: number): Promise<void> => {
    await vi.advanceTimersByTimeAsync(EVERY_MS)
    expect(asked).toHaveLength(times)
  }
  return { together, asked, answers, untilAsked }
}

test('what one tick asks goes together, and what comes meanwhile goes together next', async () => {
  const { together, asked, answers, untilAsked } = tens()
  const first = [together.ask(1), together.ask(2)]
  await untilAsked(1)
  const next = [together.ask(3), together.ask(3), together.ask(4)]
  answers[0]?.resolve()
  expect(await Promise.all(first)).toEqual([10, 20])
  await untilAsked(2)
  answers[1]?.resolve()
  expect(await Promise.all(next)).toEqual([30, 30, 40])
  expect(asked).toEqual([
    [1, 2],
    [3, 3, 4],
  ])
})

test('who asks while an answer is under way is never given that answer: it may be older than the question', async () => {
  const { together, asked, answers, untilAsked } = tens()
  const first = together.ask(1)
  await untilAsked(1)
  const second = together.ask(1)
  answers[0]?.resolve()
  await first
  await untilAsked(2)
  answers[1]?.resolve()
  expect(await second).toBe(10)
  expect(asked).toEqual([[1], [1]])
})

test('what is asked soon after a question goes together in the next, answered or not; nobody waits after a pause', async () => {
  const { together, asked, answers } = tens()
  void together.ask(1)
  await vi.advanceTimersByTimeAsync(0)
  answers[0]?.resolve()
  void together.ask(2)
  await vi.advanceTimersByTimeAsync(EVERY_MS - 1)
  void together.ask(3)
  expect(asked).toEqual([[1]])
  await vi.advanceTimersByTimeAsync(1)
  expect(asked).toEqual([[1], [2, 3]])
  answers[1]?.resolve()
  await vi.advanceTimersByTimeAsync(EVERY_MS)
  void together.ask(4)
  await vi.advanceTimersByTimeAsync(0)
  expect(asked).toEqual([[1], [2, 3], [4]])
})

test('a question that fails fails for those who asked it, and not for the next', async () => {
  const { together, answers, untilAsked } = tens()
  const failing = Promise.allSettled([together.ask(1), together.ask(2)])
  await untilAsked(1)
  const next = together.ask(3)
  answers[0]?.reject(new Error('away'))
  expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await untilAsked(2)
  answers[1]?.resolve()
  expect(await next).toBe(30)
})

test('an answer that takes too long holds up nobody, where that was allowed', async () => {
  const stuck = Promise.withResolvers<number>()
  const together = new AskedTogether<number, number>(
    async (keys) => keys.map((key) => (key === 1 ? stuck.promise : key * 10)),
    { everyMs: EVERY_MS },
  )
  const first = together.ask(1)
  await vi.advanceTimersByTimeAsync(EVERY_MS)
  expect(await together.ask(2)).toBe(20)
  stuck.resolve(10)
  expect(await first).toBe(10)
})
