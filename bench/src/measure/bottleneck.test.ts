import { expect, test } from 'vitest'
import { bottleneckOf } from './bottleneck.ts'

const IDLE = {
  ...{ serverShare: 0.1, serverCount: 1, isServerParallel: false, databaseShare: 0.1, redisShare: 0.1 },
  ...{ generatorShare: 0.1, machineShare: 0.4, stolenShare: 0, cores: 2 },
}

test('a server that takes all of the core it runs on is the end, however busy the others are', () => {
  expect(bottleneckOf({ ...IDLE, serverShare: 0.97, machineShare: 1.95 })).toMatch(/^its server: 0\.97/)
})

test('of several servers it is each of them that counts', () => {
  expect(bottleneckOf({ ...IDLE, serverShare: 1.8, serverCount: 2 })).toMatch(/^its server: each of 2 0\.90/)
  expect(bottleneckOf({ ...IDLE, serverShare: 1.2, serverCount: 2 })).toMatch(/^waiting/)
})

test('a server that uses all cores is at its end when the machine is', () => {
  expect(bottleneckOf({ ...IDLE, serverShare: 1.1, isServerParallel: true })).toMatch(/^waiting/)
  expect(
    bottleneckOf({
      ...IDLE,
      serverShare: 1.1,
      isServerParallel: true,
      databaseShare: 0.5,
      machineShare: 1.9,
    }),
  ).toBe('the machine: 1.90 of 2 cores in use, most by its server (1.10)')
})

test('what others on the machine and on its host take is in use, too, and said', () => {
  expect(bottleneckOf({ ...IDLE, databaseShare: 0.7, machineShare: 1.4, stolenShare: 0.5 })).toBe(
    'the machine: 1.90 of 2 cores in use (0.90 by others), most by PostgreSQL (0.70)',
  )
})

test('Redis runs on one core, too', () => {
  expect(bottleneckOf({ ...IDLE, redisShare: 0.93 })).toMatch(/^Redis: 0\.93/)
})
