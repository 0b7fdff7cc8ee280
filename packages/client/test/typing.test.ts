import { LIMITS } from '@tally/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TypingSignal } from '../src/typing-signal.ts'
import { TypingStore } from '../src/typing-store.ts'
import { ANN, BEN, ROOM } from './sample-messages.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const record = () => {
  const sent: boolean[] = []
  const signal = new TypingSignal({ send: (typing) => sent.push(typing), nowMs: () => Date.now() })
  return { sent, signal }
}

test('a person who types a lot sends few signals, often enough that the others see no pause', () => {
  const { sent, signal } = record()
  for (let key = 0; key < 60; key++) {
    signal.set(true)
    vi.advanceTimersByTime(200)
  }
  expect(sent).toEqual([true, true, true, true])
  expect(12_000 / sent.length).toBeLessThan(LIMITS.typingTtlMs)
})

test('a person who stops or looks away has stopped; once', () => {
  const { sent, signal } = record()
  signal.set(true)
  signal.set(false)
  signal.set(false)
  signal.set(true)
  signal.set(false)
  signal.set(true)
  vi.advanceTimersByTime(LIMITS.typingTtlMs)
  expect(sent).toEqual([true, false, true, false, true, false])
  expect(vi.getTimerCount()).toBe(0)
})

test('a signal that went with its connection is not taken back', () => {
  const { sent, signal } = record()
  signal.set(true)
  signal.forget()
  signal.set(false)
  expect(sent).toEqual([true])
  expect(vi.getTimerCount()).toBe(0)
})

test('somebody types until they stop or are not heard of any more', () => {
  let changes = 0
  const store = new TypingStore(() => changes++)
  store.set({ roomId: ROOM, userId: ANN, typing: true })
  store.set({ roomId: ROOM, userId: BEN, typing: true })
  const both = store.in(ROOM)
  expect(both).toEqual([ANN, BEN])
  store.set({ roomId: ROOM, userId: BEN, typing: true })
  expect(store.in(ROOM)).toBe(both)
  store.set({ roomId: ROOM, userId: ANN, typing: false })
  expect(store.in(ROOM)).toEqual([BEN])
  vi.advanceTimersByTime(LIMITS.typingTtlMs)
  expect(store.in(ROOM)).toEqual([])
  expect(changes).toBe(4)
  store.set({ roomId: ROOM, userId: ANN, typing: true })
  store.clear()
  expect(store.in(ROOM)).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})
