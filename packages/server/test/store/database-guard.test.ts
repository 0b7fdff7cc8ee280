import { afterEach, describe, expect, test, vi } from 'vitest'
import { DatabaseGuard } from '../../src/store/database-guard.ts'

describe('what stands between the server and its database', () => {
  const guards: DatabaseGuard[] = []
  afterEach(() => {
    for (const guard of guards.splice(0)) guard.close()
  })

  function setup({ maxRunning = 100, maxWaiting = 100 } = {}) {
    let isAway = false
    const asked = vi.fn(async () => {
      if (isAway) throw new Error('connect ECONNREFUSED')
      return 'answer'
    })
    const guard = new DatabaseGuard({ maxRunning, maxWaiting, probe: asked, probeEveryMs: 5 })
    guards.push(guard)
    return { guard, asked, away: (value: boolean) => (isAway = value) }
  }

  test('a database that is away is asked by nobody but a probe, until it answers', async () => {
    const { guard, asked, away } = setup()
    away(true)
    for (let failed = 0; failed < 5; failed += 1) {
      await expect(guard.run(asked)).rejects.toThrow('ECONNREFUSED')
    }
    const work = vi.fn(async () => 'answer')
    await expect(guard.run(work)).rejects.toMatchObject({ code: 'storage_unavailable', retryAfterMs: 1_000 })
    expect(work).not.toHaveBeenCalled()
    away(false)
    await vi.waitFor(async () => expect(await guard.run(work)).toBe('answer'), { timeout: 10_000 })
  })

  test('refused statements and conflicts are answers: the database is there', async () => {
    const { guard } = setup()
    const refused = Object.assign(new Error('deadlock detected'), { severity: 'ERROR', code: '40P01' })
    for (let failed = 0; failed < 20; failed += 1) {
      await expect(guard.run(() => Promise.reject(refused))).rejects.toBe(refused)
    }
    expect(await guard.run(async () => 'answer')).toBe('answer')
  })

  test('statements beyond the queue are refused, those in it run as soon as there is a place', async () => {
    const { guard } = setup({ maxRunning: 1, maxWaiting: 1 })
    const { promise, resolve } = Promise.withResolvers<string>()
    const running = guard.run(() => promise)
    const waiting = guard.run(async () => 'second')
    await expect(guard.run(async () => 'third')).rejects.toMatchObject({ code: 'overloaded' })
    resolve('first')
    expect(await Promise.all([running, waiting])).toEqual(['first', 'second'])
  })
})
