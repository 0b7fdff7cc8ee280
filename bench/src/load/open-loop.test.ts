import { expect, test } from 'vitest'
import { openLoop } from './open-loop.ts'

test('every loop of several sends all of its own, in order, and none before its moment', async () => {
  const rates = [40, 700, 2_000]
  const sent = rates.map((): { index: number; earlyMs: number }[] => [])
  const lags = await Promise.all(
    rates.map((perSecond, at) =>
      openLoop({ perSecond, seconds: 0.2 }, (index, intendedAtMs) => {
        sent[at]?.push({ index, earlyMs: intendedAtMs - performance.now() })
      }),
    ),
  )
  expect(sent.map((all) => all.map(({ index }) => index))).toEqual(
    rates.map((perSecond) => Array.from({ length: perSecond * 0.2 }, (_, index) => index)),
  )
  expect(Math.max(...sent.flat().map(({ earlyMs }) => earlyMs))).toBeLessThanOrEqual(0)
  expect(lags.map(({ length }) => length)).toEqual([8, 140, 400])
})

test('a loop in whose time nothing falls due is over at once, and the others go on', async () => {
  const [none, some] = await Promise.all(
    [0.5, 100].map((perSecond) => openLoop({ perSecond, seconds: 0.1 }, () => {})),
  )
  expect([none?.length, some?.length]).toEqual([0, 10])
})

test('an error of what is sent ends the loop, and the next one goes on', async () => {
  const failed = openLoop({ perSecond: 100, seconds: 0.1 }, () => {
    throw new Error('cannot send')
  })
  await expect(failed).rejects.toThrow('cannot send')
  let count = 0
  await openLoop({ perSecond: 100, seconds: 0.1 }, () => {
    count += 1
  })
  expect(count).toBe(10)
})
