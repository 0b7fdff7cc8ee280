import { RequestError } from '@tally/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pollDelayMs } from '../src/poll-delay.ts'
import { type Polled, PollLoop } from '../src/poll-loop.ts'
import { userOfToken } from '../src/token-claims.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

type Asked = { atMs: number; waitSeconds: number }

/** A loop whose polls are answered by `answer`, which may take its time. */
function loopOf(
  answer: (asked: Asked, signal: AbortSignal) => Promise<Polled>,
  { longPoll = true } = {},
): { loop: PollLoop; asked: Asked[]; faults: unknown[] } {
  const asked: Asked[] = []
  const faults: unknown[] = []
  const startedAtMs = Date.now()
  const loop = new PollLoop({
    longPoll,
    poll: ({ waitSeconds, signal }) => {
      const question = { atMs: Date.now() - startedAtMs, waitSeconds }
      asked.push(question)
      return answer(question, signal)
    },
    onFault: (error) => faults.push(error),
    nowMs: () => Date.now(),
    random: () => 0.5,
  })
  loop.start()
  return { loop, asked, faults }
}

const after = (ms: number, polled: Polled, signal?: AbortSignal): Promise<Polled> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(polled), ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(new RequestError('timeout'))
    })
  })

const unmoved: Polled = { moved: false, hintMs: 2_000 }
const moved: Polled = { moved: true, hintMs: 1_000 }

test('a host that lets requests wait is asked again as soon as it has answered', async () => {
  const { loop, asked } = loopOf(({ atMs }, signal) =>
    after(atMs === 0 ? 25_000 : 300, atMs === 0 ? unmoved : moved, signal),
  )
  await vi.advanceTimersByTimeAsync(25_900)
  loop.stop()
  expect(asked.map(({ atMs }) => atMs)).toEqual([0, 25_250, 25_800])
  expect(asked.every(({ waitSeconds }) => waitSeconds === 25)).toBe(true)
})

test('a host that answers waiting requests at once is asked when it wants to be', async () => {
  const { loop, asked } = loopOf(() => after(10, unmoved))
  await vi.advanceTimersByTimeAsync(6_100)
  loop.stop()
  expect(asked.map(({ atMs }) => atMs)).toEqual([0, 2_010, 4_020, 6_030])
})

test('a host that cuts waiting requests off is not asked to wait again, and nobody goes offline over it', async () => {
  const { loop, asked, faults } = loopOf(async ({ waitSeconds }) => {
    if (waitSeconds === 0) return unmoved
    await after(10_000, unmoved)
    throw new RequestError('unavailable')
  })
  await vi.advanceTimersByTimeAsync(26_600)
  loop.stop()
  expect(asked).toEqual([
    { atMs: 0, waitSeconds: 25 },
    { atMs: 10_250, waitSeconds: 0 },
    { atMs: 12_250, waitSeconds: 25 },
    { atMs: 22_500, waitSeconds: 0 },
    { atMs: 24_500, waitSeconds: 0 },
    { atMs: 26_500, waitSeconds: 0 },
  ])
  expect(faults).toEqual([])
})

test('a request that the network lost now and then ends no waiting', async () => {
  const { loop, asked, faults } = loopOf(async ({ waitSeconds, atMs }, signal) => {
    if (waitSeconds === 0) return unmoved
    if (atMs === 0 || (atMs > 25_000 && atMs < 28_000)) throw new RequestError('timeout')
    return after(25_000, unmoved, signal)
  })
  await vi.advanceTimersByTimeAsync(90_000)
  loop.stop()
  await vi.advanceTimersByTimeAsync(0)
  expect(asked.map(({ waitSeconds }) => waitSeconds)).toEqual([25, 0, 25, 25, 0, 25, 25, 25])
  expect(faults).toEqual([])
})

test('a refusal ends the loop whether it waited or not: it says itself when to come back', async () => {
  for (const error of [
    new RequestError('session_revoked'),
    new RequestError('unavailable', { retryAfterMs: 30_000 }),
  ]) {
    const { asked, faults } = loopOf(() => Promise.reject(error))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toHaveLength(1)
    expect(faults).toEqual([error])
  }
})

test('a poll that fails without waiting ends the loop: what to do is decided elsewhere', async () => {
  const error = new RequestError('unavailable')
  const { asked, faults } = loopOf(() => Promise.reject(error), { longPoll: false })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(1)
  expect(faults).toEqual([error])
})

test('while nobody looks nothing is asked; somebody who looks again is told at once', async () => {
  const { loop, asked } = loopOf((_, signal) => after(25_000, unmoved, signal))
  await vi.advanceTimersByTimeAsync(1_000)
  loop.setPaused(true)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(1)
  loop.setPaused(false)
  await vi.advanceTimersByTimeAsync(0)
  expect(asked).toHaveLength(2)
  loop.stop()
  await vi.advanceTimersByTimeAsync(0)
})

test('a question that changed is asked anew; something done here shows with a poll of its own', async () => {
  const waiting = loopOf((_, signal) => after(25_000, unmoved, signal))
  await vi.advanceTimersByTimeAsync(1_000)
  waiting.loop.askAnew()
  await vi.advanceTimersByTimeAsync(0)
  expect(waiting.asked.map(({ atMs }) => atMs)).toEqual([0, 1_000])
  waiting.loop.stop()
  const interval = loopOf(() => after(10, unmoved), { longPoll: false })
  await vi.advanceTimersByTimeAsync(500)
  interval.loop.soon()
  await vi.advanceTimersByTimeAsync(300)
  interval.loop.stop()
  expect(interval.asked.map(({ atMs }) => atMs)).toEqual([0, 750])
})

test('the server says how often; without a word from it the own activity does; never in step, never absurd', () => {
  const delayMs = (hintMs: number | undefined, sinceMoveMs: number, random = 0.5) =>
    pollDelayMs({ hintMs, sinceMoveMs, random })
  expect(delayMs(10_000, 0)).toBe(10_000)
  expect(delayMs(undefined, 3_000)).toBe(1_000)
  expect(delayMs(undefined, 30_000)).toBe(2_000)
  expect(delayMs(undefined, Number.POSITIVE_INFINITY)).toBe(5_000)
  expect(delayMs(5_000, 0, 0)).toBe(4_500)
  expect(delayMs(5_000, 0, 0.999_999)).toBeCloseTo(5_500, 1)
  expect(delayMs(0, 0)).toBe(250)
  expect(delayMs(86_400_000, 0)).toBe(60_000)
})

test('a token says whom it speaks for, in the order of the protocol; anything else says nothing', () => {
  const token = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`
  expect(userOfToken(token({ sub: 'ann', userId: 'ben', name: '김안나 🙂', user_type: 'company' }))).toEqual({
    id: 'ann',
    name: '김안나 🙂',
    user_type: 'company',
  })
  expect(userOfToken(token({ sub: '', user_id: 7, name: 3 }))).toEqual({
    id: '7',
    name: null,
    user_type: null,
  })
  for (const nobody of ['', 'opaque', 'a.b.c', 'a.%.c', token({ name: 'x' }), token([]), token({ sub: {} })])
    expect(userOfToken(nobody)).toBeUndefined()
})
