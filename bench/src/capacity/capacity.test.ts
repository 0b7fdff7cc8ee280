import { expect, test } from 'vitest'
import { latencies } from '../measure/percentiles.ts'
import { checkNotes } from '../scenarios/capacity.ts'
import { readAssumptions } from './assumptions.ts'
import { costAt } from './cost.ts'
import { type Costs, fitCosts } from './costs.ts'
import { demandOf } from './demand.ts'
import type { Measured } from './measured.ts'
import { checkModel } from './model-check.ts'

const each = (ms: number): Costs['node'] => costAt(() => ms)
const actions = { ...{ switch: each(1), scroll: each(1), check: each(1) }, mark: each(1), reconnect: each(1) }
const most = {
  ...{ nodes: 3, connections: 10_000, messagesPerSecond: 100, deliveriesPerSecond: 10_000 },
  ...{ pollsPerSecond: 10_000, databaseCores: 1, redisCores: 1 },
}
const COSTS: Costs = {
  ...{ node: each(10), connection: each(0.01), message: each(1), delivery: each(0.1), crossing: each(0.1) },
  ...{ poll: each(0.1), pollWithNews: each(1), actions, emptyNodeGib: 0.25, serverKibPerConnection: 16 },
  ...{ kernelKibPerConnection: 4, redisKibPerPerson: 5, bytesPerMessage: 300, most },
}
const ASSUMPTIONS = readAssumptions()

test('demand grows with people, and nobody is left without a core', () => {
  const demands = [1_000, 10_000, 100_000, 1_000_000].map((people) => demandOf(people, COSTS, ASSUMPTIONS))
  for (const [index, demand] of demands.entries()) {
    const before = demands[index - 1]
    expect(demand.cores.server).toBeLessThanOrEqual(demand.nodes * ASSUMPTIONS.machines.useOfCores)
    expect(demand.nodes).toBeGreaterThanOrEqual(Math.max(2, before?.nodes ?? 0))
    expect(demand.money).toBeGreaterThan(before?.money ?? 0)
    expect(demand.isExtrapolated || !before?.isExtrapolated).toBe(true)
  }
  expect(demands.map(({ isExtrapolated }) => isExtrapolated)).toEqual([false, false, true, true])
})

test('what crosses between nodes costs more, and what is done by no one costs once a node', () => {
  const here = demandOf(100_000, { ...COSTS, crossing: each(0) }, ASSUMPTIONS)
  const there = demandOf(100_000, COSTS, ASSUMPTIONS)
  const crossed = there.deliveriesPerSecond * (1 - 1 / there.nodes) * 0.1
  const more = (there.nodes - here.nodes) * 10
  expect(there.cores.redis - here.cores.redis).toBeCloseTo((crossed + more) / 1_000, 6)
})

test('more than was measured of anything is extrapolated', () => {
  const isBeyond = (changed: Partial<Costs['most']>): boolean =>
    demandOf(1_000, { ...COSTS, most: { ...most, ...changed } }, ASSUMPTIONS).isExtrapolated
  expect(isBeyond({})).toBe(false)
  for (const key of Object.keys(most)) expect(isBeyond({ [key]: 0 }), key).toBe(true)
})

const shares = (share: number) => ({ serverShare: share, databaseShare: share, redisShare: share })
const figures = { ...{ transactions: 0, redisCommands: 0 }, ...{ refused: 0, unseen: 0, failed: 0 } }

/** Runs in which a message takes 1 ms everywhere, a delivery 0.1, a crossing 0.5, a poll 0.05, one with news 0.55. */
function measured(): Measured {
  const groups = [2, 10, 100].map((size) => ({
    ...{
      size,
      sent: 100,
      sentInAll: 100,
      seconds: 1,
      p50: 1,
      p99: 10,
      deliveriesPerSecond: 100 * (size - 1),
    },
    ...shares(0.1 + 0.01 * (size - 1)),
    ...figures,
  }))
  const polls = [
    { perSecond: 1_000, changed: 0, ...shares(0.1 + 0.05) },
    { perSecond: 1_000, changed: 0.1, ...shares(0.1 + 0.1) },
  ].map((step) => ({ ...figures, p99: 10, ...step }))
  const alone = (count: number) => ({ seconds: 1, ...shares(0.2), took: { switch: { count } } })
  const kernel = { structures: 0, buffers: 0 }
  const person = { badge: latencies([1]), took: {}, rates: { send: 7 }, ...shares(0.5), ...figures }
  return {
    idle: {
      ...{ count: 1_000, quiet: shares(0.2), rssBefore: 2 ** 28, rssAfter: 2 ** 28 + 1_000 * 12 * 1_024 },
      // Worse than what the first ones take.
      more: { count: 2_000, rssBytes: 2 ** 28 + 2_000 * 16 * 1_024 },
      ...{ kernelBefore: kernel, kernelAfter: { structures: 1_000 * 8 * 1_024, buffers: 0 } },
    },
    // What was too much says nothing about what a message costs.
    groups: { climbed: [...groups, { ...groups[2], p99: 500, ...shares(1) }], curve: [] },
    poll: { rest: shares(0.1), steps: [...polls, { ...polls[0], p99: 500, perSecond: 9_000, ...shares(1) }] },
    mix: { rest: shares(0.1), alone: { switch: alone(100) }, steps: [person], redisBytesPerPerson: 2_048 },
    history: { bytesPerMessage: 320 },
    nodes: {
      loaded: [1, 2].map((nodes) => ({
        nodes,
        step: { ...shares(0.5 * nodes), acknowledgedPerSecond: 1_000 },
      })),
    },
  } as unknown as Measured
}

test('costs are found again in runs that were made of them', () => {
  const costs = fitCosts(measured())
  const found = [costs.node, costs.connection, costs.message, costs.delivery, costs.crossing, costs.poll]
  for (const [index, ms] of [100, 0.1, 1, 0.1, 0.5, 0.05].entries()) {
    for (const value of Object.values(found[index] ?? {})) expect(value).toBeCloseTo(ms, 6)
  }
  expect(costs.pollWithNews.server).toBeCloseTo(0.55, 6)
  expect(costs.actions.switch.redis).toBeCloseTo(1, 6)
  expect(costs).toMatchObject({ serverKibPerConnection: 16, kernelKibPerConnection: 4, redisKibPerPerson: 2 })
  expect(costs.emptyNodeGib).toBe(0.25)
})

test('the most that was measured is the most that was held', () => {
  expect(fitCosts(measured()).most).toEqual({
    ...{ nodes: 2, connections: 1_000, messagesPerSecond: 7, deliveriesPerSecond: 9_900 },
    ...{ pollsPerSecond: 1_000, databaseCores: 1.09, redisCores: 1.09 },
  })
})

test('the model is held against what all of it together took', () => {
  const { mix } = measured()
  const [check] = checkModel(COSTS, mix)
  // A message, 4 deliveries, 9.94 actions around it, 500 connections and the node itself.
  const ms = 1 + 4 * 0.1 + (6.5 + 2 + 1 + 0.3 + 0.14) + (500 * 0.01 + 10) / 7
  expect(check?.perSecond).toBe(7)
  for (const place of ['server', 'database', 'redis'] as const) {
    expect(check?.model[place]).toBeCloseTo(ms, 6)
    expect(check?.measured[place]).toBeCloseTo(500 / 7, 6)
  }
  expect(checkNotes([{ perSecond: 7, model: each(2), measured: each(1) }])[0]).toContain('an upper bound')
  expect(checkNotes([{ perSecond: 7, model: each(1), measured: each(2) }])[0]).toContain('more is needed')
})
