import { expect, test } from 'vitest'
import { tallyRedis } from '../servers/contestants.ts'
import { limitsOf, timesBar } from './ceiling.ts'
import { limitTable } from './ceiling-limits.ts'
import type { StepFigures } from './pairs-run.ts'

const WHY = 'at 50,000/s the generator took 0.90 of a core'

test('a ratio that fails against a rival who may hold more is not held; one that would be held is void', () => {
  const bar = { other: 'null', factor: 0.6 }
  const fails = timesBar({ ...bar, ratio: 0.25, why: WHY })
  expect(fails).toMatchObject({ held: false, measured: expect.stringContaining('0.25 × at most') })
  expect(fails.voidBecause).toBeUndefined()
  expect(timesBar({ ...bar, ratio: 0.7, why: WHY }).voidBecause).toContain(WHY)
  expect(timesBar({ ...bar, ratio: 0.7, why: undefined })).toEqual({
    promise: 'PostgreSQL + Redis ≥ 0.6 × `null`',
    measured: '0.70 ×',
    held: true,
  })
})

const contestant = tallyRedis.name
function step(perSecond: number, p99: number): StepFigures {
  const shares = { serverShare: 1, databaseShare: 0, redisShare: 0, generatorShare: 0 }
  return {
    ...{ contestant, perSecond, badge: { count: 1, p50: 1, p90: 1, p99, max: p99 }, ...shares },
    ...{ machineShare: 1, stolenShare: 0, refused: 0, unanswered: 0, unseen: 0 },
  } as unknown as StepFigures
}

test('the row of limits is the first rate above the ceiling, which is the median of the rounds', () => {
  const rounds = [
    { held: [2_000, 4_000, 8_000], failed: [9_000] },
    { held: [2_000, 4_000, 6_000, 8_000], failed: [9_000] },
    { held: [2_000, 4_000, 6_000], failed: [7_000] },
  ]
  const steps = rounds.flatMap(({ held, failed }, round) => [
    ...held.map((rate) => step(rate, 10)),
    ...failed.map((rate) => step(rate, 200 + round)),
  ])
  const ceilings = rounds.map(({ held }) => ({ contestant, perSecond: Math.max(...held) }))
  const [row] = limitTable({ steps, ceilings }, [tallyRedis], 2).rows
  expect(row?.slice(1, 4)).toEqual(['9,000', '2 of 3', '201 ms'])
})

test('where every rate is held, the row is the highest', () => {
  const ceilings = [{ contestant, perSecond: 50_000 }]
  const [row] = limitTable({ steps: [step(9_000, 10), step(50_000, 20)], ceilings }, [tallyRedis], 2).rows
  expect(row?.slice(1, 3)).toEqual(['50,000', '1 of 1'])
})

test('a rival was at its end where it failed by itself, even if the generator failed at a higher rate', () => {
  const limited = { ...step(50_000, 300), limitedBy: 'the generator took 0.90 of a core' }
  const ceilings = [{ contestant, perSecond: 36_000 }]
  const steps = [step(36_000, 90), limited]
  expect(limitsOf({ steps, ceilings }).get(contestant)).toBe(WHY)
  expect(limitsOf({ steps: [...steps, step(43_000, 150)], ceilings }).size).toBe(0)
})
