import { type ClientId, RequestError, type RoomId } from '@tally/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { PendingMessage } from '../src/pending-message.ts'
import { SendQueue } from '../src/send-queue.ts'
import { message, ROOM } from './sample-messages.ts'

type Attempt = {
  message: PendingMessage
  stored: () => Promise<void>
  refused: (error: unknown) => Promise<void>
}

let attempts: Attempt[]
let isLive: boolean
let unauthorized: RequestError[]
let queue: SendQueue

beforeEach(() => {
  vi.useFakeTimers()
  attempts = []
  unauthorized = []
  isLive = true
  let ids = 0
  queue = new SendQueue({
    deliver: (pending) =>
      new Promise<void>((resolve, reject) => {
        const stored = async () => {
          resolve()
          await vi.advanceTimersByTimeAsync(0)
        }
        const refused = async (error: unknown) => {
          reject(error)
          await vi.advanceTimersByTimeAsync(0)
        }
        attempts.push({ message: pending, stored, refused })
      }),
    canDeliver: () => isLive,
    journal: { put: () => {}, remove: () => {} },
    onChange: () => {},
    onUnauthorized: (error) => unauthorized.push(error),
    newClientId: () => `c${++ids}` as ClientId,
    wallClock: () => new Date('2026-01-01T00:00:00.000Z'),
    random: () => 0.5,
  })
})
afterEach(() => {
  vi.useRealTimers()
})

const texts = (): string[] => attempts.map(({ message: { text } }) => text)
const pending = (): string[] => queue.pendingIn(ROOM).map(({ text, state }) => `${text} ${state}`)
const add = (text: string, roomId = ROOM): PendingMessage => queue.add({ roomId, text })

test('messages of a room go out one after the other, in the order in which they were written', async () => {
  for (const text of ['one', 'two', 'three']) add(text)
  expect(texts()).toEqual(['one'])
  expect(pending()).toEqual(['one sending', 'two sending', 'three sending'])
  await attempts[0]!.stored()
  expect(texts()).toEqual(['one', 'two'])
  await attempts[1]!.stored()
  await attempts[2]!.stored()
  expect(pending()).toEqual([])
})

test('rooms do not wait for each other', () => {
  add('here')
  add('there', 'another' as RoomId)
  expect(texts()).toEqual(['here', 'there'])
})

test('offline, messages wait visibly, and go out in order when the connection is live', async () => {
  isLive = false
  add('one')
  add('two')
  expect(attempts).toEqual([])
  expect(pending()).toEqual(['one sending', 'two sending'])
  isLive = true
  queue.resume()
  await attempts[0]!.stored()
  expect(texts()).toEqual(['one', 'two'])
})

test('an unknown outcome is settled by the same clientId, and nothing overtakes it', async () => {
  add('one')
  add('two')
  isLive = false
  await attempts[0]!.refused(new RequestError('unavailable'))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(attempts).toHaveLength(1)
  isLive = true
  queue.resume()
  expect(texts()).toEqual(['one', 'one'])
  expect(attempts[1]!.message.clientId).toBe(attempts[0]!.message.clientId)
  await attempts[1]!.stored()
  expect(texts()).toEqual(['one', 'one', 'two'])
})

test('a busy server is asked again after what it says, or with growing waits', async () => {
  add('one')
  await attempts[0]!.refused(new RequestError('rate_limited', { retryAfterMs: 5_000 }))
  await vi.advanceTimersByTimeAsync(4_999)
  expect(attempts).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(attempts).toHaveLength(2)
  const waitsMs: number[] = []
  for (let tries = 2; tries < 8; tries++) {
    const before = Date.now()
    await attempts.at(-1)!.refused(new RequestError('overloaded'))
    while (attempts.length === tries) await vi.advanceTimersToNextTimerAsync()
    waitsMs.push(Date.now() - before)
  }
  expect(waitsMs).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000])
})

test('a refusal is shown with its reason, and does not hold up what comes after', async () => {
  const refused = add('one')
  add('two')
  await attempts[0]!.refused(new RequestError('message_too_long'))
  expect(pending()).toEqual(['one failed', 'two sending'])
  expect(queue.pendingIn(ROOM)[0]?.error?.code).toBe('message_too_long')
  expect(texts()).toEqual(['one', 'two'])
  await attempts[1]!.stored()
  queue.retry(ROOM, refused.clientId)
  expect(pending()).toEqual(['one sending'])
  expect(attempts[2]!.message).toMatchObject({ clientId: refused.clientId, state: 'sending' })
  expect(attempts[2]!.message).not.toHaveProperty('error')
})

test('a failed message can be taken back; one that is on its way cannot', async () => {
  const first = add('one')
  const second = add('two')
  queue.discard(first)
  queue.discard(second)
  expect(pending()).toEqual(['one sending'])
  await attempts[0]!.refused(new RequestError('forbidden'))
  queue.discard(first)
  expect(pending()).toEqual([])
  queue.retry(ROOM, first.clientId)
  expect(attempts).toHaveLength(1)
})

test('a message that arrives before its answer is not shown twice, and the next one waits for the answer', async () => {
  const first = add('one')
  add('two')
  queue.arrived(message(1, 1, { clientId: first.clientId }))
  expect(pending()).toEqual(['two sending'])
  expect(texts()).toEqual(['one'])
  await attempts[0]!.stored()
  expect(texts()).toEqual(['one', 'two'])
})

test('a refused token is reported, and the message waits for a new one', async () => {
  add('one')
  await attempts[0]!.refused(new RequestError('token_expired'))
  expect(unauthorized.map(({ code }) => code)).toEqual(['token_expired'])
  expect(pending()).toEqual(['one sending'])
  expect(attempts).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(500)
  expect(attempts).toHaveLength(2)
})

test('a fault that is no refusal counts as an unknown outcome', async () => {
  add('one')
  await attempts[0]!.refused(new Error('a driver broke'))
  expect(pending()).toEqual(['one sending'])
})

test('a thousand waiting messages are enough', () => {
  isLive = false
  for (let count = 0; count < 1_000; count++) add(`${count}`)
  expect(() => add('one more')).toThrow(expect.objectContaining({ code: 'limit_exceeded' }))
})

test('a stopped queue has no clock running, and keeps what waits', async () => {
  add('one')
  await attempts[0]!.refused(new RequestError('overloaded'))
  queue.pause()
  expect(vi.getTimerCount()).toBe(0)
  queue.resume()
  expect(attempts).toHaveLength(2)
})
