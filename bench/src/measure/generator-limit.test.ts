import { expect, test } from 'vitest'
import { generatorLimit, limitedSteps } from './generator-limit.ts'

test('a generator that takes a whole core, or whose lateness is most of the latency, limits what it measures', () => {
  expect(generatorLimit({ generatorShare: 0.9, lagP99Ms: 1, latencyP99Ms: 50 })).toMatch('0.90 of a core')
  expect(generatorLimit({ generatorShare: 0.3, lagP99Ms: 30, latencyP99Ms: 50 })).toMatch('30 ms late')
})

test('lateness that is small, or a small part of the latency, does not', () => {
  expect(generatorLimit({ generatorShare: 0.3, lagP99Ms: 4, latencyP99Ms: 5 })).toBeUndefined()
  expect(generatorLimit({ generatorShare: 0.3, lagP99Ms: 20, latencyP99Ms: 50 })).toBeUndefined()
})

test('of several steps those are named that were limited', () => {
  const steps = [
    { processorShare: 0.2, lagP99: 1, p99: 5, rate: 100 },
    { processorShare: 0.95, lagP99: 1, p99: 5, rate: 200 },
  ]
  expect(limitedSteps(steps, ({ rate }) => `${rate}/s`)).toEqual(['200/s: the generator took 0.95 of a core'])
})
