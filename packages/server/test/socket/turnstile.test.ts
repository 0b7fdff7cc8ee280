import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Turnstile } from '../../src/edges/socket/turnstile.ts'

test('in one turn of the event loop so many pass, the others in the turns after it, in the order they came', async () => {
  const turnstile = new Turnstile({ perTurn: 2 })
  const passed: number[] = []
  const all = [1, 2, 3, 4, 5].map((one) => turnstile.pass().then(() => passed.push(one)))
  const seen: number[] = []
  while (passed.length < 5) {
    await nextTurn()
    seen.push(passed.length)
  }
  await Promise.all(all)
  expect(passed).toEqual([1, 2, 3, 4, 5])
  expect(seen.filter((count, index) => count !== seen[index - 1] && count > 0)).toEqual([2, 4, 5])
})

test('who comes while others wait is behind them', async () => {
  const turnstile = new Turnstile({ perTurn: 1 })
  const passed: string[] = []
  const first = turnstile.pass().then(async () => {
    passed.push('first')
    await turnstile.pass()
    passed.push('again')
  })
  await Promise.all([first, turnstile.pass().then(() => passed.push('second'))])
  expect(passed).toEqual(['first', 'second', 'again'])
})
