import { expect, test } from 'vitest'
import { flatBar } from './flatness.ts'

const times = (p50: number, p99: number) => ({ count: 1, p50, p90: p50, p99, max: p99 })

test('what is flat by its p50 says how much its p99 grows', () => {
  const bySize = new Map([
    [1, times(1, 2)],
    [100, times(1.1, 25)],
    [10_000, times(1.05, 5)],
  ])
  expect(flatBar('reading', bySize)).toMatchObject({
    held: true,
    measured: 'p50 grows 10 %; p99 grows 12.5 ×',
  })
  expect(flatBar('reading', new Map([...bySize, [9, times(1.3, 2)]])).held).toBe(false)
})
