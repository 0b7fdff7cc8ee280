import { RequestError, type RoomId } from '@tally/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { HttpApi } from '../src/http-api.ts'
import { PollingProvider } from '../src/polling-provider.ts'

const TOKEN = `e30.${Buffer.from(JSON.stringify({ sub: 'ann' })).toString('base64url')}.sig`
const ROOM = 'r' as RoomId

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

type Question = { open?: string; device?: string }

/** A provider with a room open, and what its polls said to be open; each is answered as `answer` says. */
async function polling(answer: (question: Question, signal?: AbortSignal) => Promise<unknown>) {
  const opens: (string | undefined)[] = []
  const http = {
    call: async (route: string) =>
      route === 'GET /v1/badge' ? { rev: 1 } : { seq: 1, change: 1, me: { readSeq: 0, readEpoch: 0 } },
    exchange: (_: string, { query }: { query: Question }, how: { signal?: AbortSignal } = {}) => {
      opens.push(query.open)
      return answer(query, how.signal)
    },
  }
  const ignore = () => {}
  const provider = new PollingProvider({
    http: http as unknown as HttpApi,
    listener: { onEvent: ignore, onNews: ignore, onLost: ignore, onRoundTrip: ignore },
    longPoll: true,
    nowMs: () => Date.now(),
    wallClock: () => new Date(),
    random: () => 0.5,
  })
  await provider.connect(TOKEN)
  await provider.subscribe(ROOM)
  await vi.advanceTimersByTimeAsync(0)
  return { provider, opens }
}

const unmoved = { kind: 'unmoved', header: () => null }
const untilAborted = (signal?: AbortSignal) =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new RequestError('timeout'))))

test('that no room is open any more is said until an answer comes', async () => {
  let lost = 1
  const { provider, opens } = await polling(async (question, signal) => {
    if (question.open !== '') return untilAborted(signal)
    if (lost-- > 0) throw new RequestError('timeout')
    return unmoved
  })
  expect(opens.at(-1)).toContain(ROOM)
  await provider.unsubscribe(ROOM)
  await vi.advanceTimersByTimeAsync(300)
  expect(opens.slice(-2)).toEqual(['', ''])
  provider.close()
  await vi.advanceTimersByTimeAsync(0)
})

test('a device that is hidden and shown again has its room open in the end', async () => {
  const closing = Promise.withResolvers<unknown>()
  const { provider, opens } = await polling((question, signal) =>
    question.open === '' ? closing.promise : untilAborted(signal),
  )
  const hidden = provider.send('visibility', { visible: false })
  const shown = provider.send('visibility', { visible: true })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(opens.at(-1)).toBe('')
  closing.resolve(unmoved)
  await Promise.all([hidden, shown])
  await vi.advanceTimersByTimeAsync(0)
  expect(opens.at(-1)).toContain(ROOM)
  provider.close()
  await vi.advanceTimersByTimeAsync(0)
})
