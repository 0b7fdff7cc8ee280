import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { repeat } from '../../src/workers/repeat.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('never runs twice at once, and ends when the run under way is over', async () => {
  const runs: (() => void)[] = []
  const task = () => new Promise<void>((resolve) => runs.push(resolve))
  const stop = repeat({ everyMs: 10, task, onError: () => {} })
  await vi.advanceTimersByTimeAsync(35)
  expect(runs).toHaveLength(1)
  runs[0]?.()
  await vi.advanceTimersByTimeAsync(10)
  expect(runs).toHaveLength(2)

  let isOver = false
  const stopped = stop().then(() => {
    isOver = true
  })
  await vi.advanceTimersByTimeAsync(50)
  expect({ isOver, runs: runs.length }).toEqual({ isOver: false, runs: 2 })
  runs[1]?.()
  await stopped
})

test('goes on after failures and tells the first of each row of them', async () => {
  const outcomes = [false, false, true, false, false, false]
  const told: unknown[] = []
  let run = 0
  const task = () => {
    run += 1
    if (!outcomes[run - 1]) throw new Error(`run ${run}`)
  }
  const stop = repeat({ everyMs: 10, task, onError: (error) => told.push((error as Error).message) })
  await vi.advanceTimersByTimeAsync(outcomes.length * 10)
  await stop()
  expect({ run, told }).toEqual({ run: 6, told: ['run 1', 'run 4'] })
})
