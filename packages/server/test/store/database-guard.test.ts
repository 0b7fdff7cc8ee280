import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { DatabaseGuard } from '../../src/store/database-guard.ts'

const WITHIN = { timeout: 10_000, interval: 1 }

describe('what stands between the server and its database', () => {
  const guards: DatabaseGuard[] = []
  afterEach(() => {
    for (const guard of guards.splice(0)) guard.close()
  })

  function setup({ maxRunning = 100, maxWaiting = 100 } = {}) {
    let isAway = false
    let hanging = Promise.resolve()
    const asked = vi.fn(async () => {
      await hanging
      if (isAway) throw new Error('connect ECONNREFUSED')
      return 'answer'
    })
    const onHung = vi.fn()
    const guard = new DatabaseGuard({ maxRunning, maxWaiting, ask: asked, onHung, tickMs: 1 })
    guards.push(guard)
    return {
      guard,
      asked,
      onHung,
      away: (value: boolean) => (isAway = value),
      /** Nothing is answered until its end. */
      hang: () => {
        const { promise, resolve } = Promise.withResolvers<void>()
        hanging = promise
        return resolve
      },
    }
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
    await vi.waitFor(async () => expect(await guard.run(work)).toBe('answer'), WITHIN)
  })

  test('one that hangs refuses what is under way and what comes, until it answers again', async () => {
    const { guard, asked, onHung, hang } = setup()
    const goOn = hang()
    await expect(guard.run(asked)).rejects.toThrow('does not answer')
    expect(onHung).toHaveBeenCalled()
    const work = vi.fn(async () => 'answer')
    await expect(guard.run(work)).rejects.toMatchObject({ code: 'storage_unavailable' })
    expect(work).not.toHaveBeenCalled()
    goOn()
    await vi.waitFor(async () => expect(await guard.run(work)).toBe('answer'), WITHIN)
  })

  test('one that is slow but answers a question goes on with what it does, however long', async () => {
    const { guard, asked, onHung } = setup()
    const { promise, resolve } = Promise.withResolvers<string>()
    const slow = guard.run(() => promise)
    await vi.waitFor(() => expect(asked.mock.calls.length).toBeGreaterThan(10), WITHIN)
    expect(onHung).not.toHaveBeenCalled()
    resolve('late')
    expect(await slow).toBe('late')
  })

  test('one that answers statements does not hang, though a question finds no way to it', async () => {
    const { guard, asked, onHung, hang } = setup()
    hang()
    const { promise, resolve } = Promise.withResolvers<string>()
    const slow = guard.run(() => promise)
    while (asked.mock.calls.length === 0) await nextTurn()
    for (const until = performance.now() + 200; performance.now() < until; ) {
      expect(await guard.run(async () => 'answer')).toBe('answer')
      await nextTurn()
    }
    expect(onHung).not.toHaveBeenCalled()
    resolve('late')
    expect(await slow).toBe('late')
  })

  test('a process that stalls itself does not blame the database', async () => {
    const { guard, onHung } = setup()
    const { promise, resolve } = Promise.withResolvers<string>()
    const answered = guard.run(() => promise)
    setTimeout(() => resolve('answer'), 1)
    for (const until = performance.now() + 200; performance.now() < until; );
    expect(await answered).toBe('answer')
    expect(onHung).not.toHaveBeenCalled()
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
