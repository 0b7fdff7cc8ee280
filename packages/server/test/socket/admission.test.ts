import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Admission, type Admitted } from '../../src/edges/socket/admission.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function admissionOf(options: {
  maxConnections?: number
  maxPerAddress?: number
  connectionsPerSecond?: number
}) {
  return new Admission({
    maxConnections: 100,
    maxPerAddress: 100,
    connectionsPerSecond: 1_000,
    maxWaitMs: 10_000,
    nowMs: () => performance.now(),
    ...options,
  })
}

/** Asks to enter, opens when let in, and notes the answer. */
function knock(admission: Admission, address = '10.0.0.1') {
  const visitor: { answer: Admitted | undefined } = { answer: undefined }
  void admission.admit(address).then((answer) => {
    visitor.answer = answer
    if (answer === 'admitted') admission.opened(address)
  })
  return visitor
}

const turn = () => vi.advanceTimersByTimeAsync(0)

describe('admission', () => {
  test('lets in at once while there is room', async () => {
    const admission = admissionOf({})
    const visitor = knock(admission)
    await turn()
    expect(visitor.answer).toBe('admitted')
  })

  test('a full server lets a connection wait, and in as soon as another one closes', async () => {
    const admission = admissionOf({ maxConnections: 2 })
    knock(admission)
    knock(admission)
    const waiting = knock(admission)
    await vi.advanceTimersByTimeAsync(3_000)
    expect(waiting.answer).toBeUndefined()

    admission.closed('10.0.0.1')
    await turn()
    expect(waiting.answer).toBe('admitted')
  })

  test('refuses what found no place within 10 s', async () => {
    const admission = admissionOf({ maxConnections: 1 })
    knock(admission)
    await turn()
    const waiting = knock(admission)
    await vi.advanceTimersByTimeAsync(9_999)
    expect(waiting.answer).toBeUndefined()
    await vi.advanceTimersByTimeAsync(2)
    expect(waiting.answer).toBe('full')
  })

  test('a stampede is spread from its beginning on: nobody is refused, nobody waits longer than 10 s', async () => {
    const admission = admissionOf({
      maxConnections: 10_000,
      maxPerAddress: 10_000,
      connectionsPerSecond: 100,
    })
    const visitors = Array.from({ length: 1_500 }, () => knock(admission))
    const letIn = () => visitors.filter(({ answer }) => answer === 'admitted').length
    await turn()
    expect(letIn()).toBe(2)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(letIn()).toBeGreaterThanOrEqual(490)
    expect(letIn()).toBeLessThanOrEqual(510)
    await vi.advanceTimersByTimeAsync(5_010)
    expect(letIn()).toBe(1_500)
  })

  test('an address that holds its share is refused, waiting ones included; others are not', async () => {
    const admission = admissionOf({ maxConnections: 2, maxPerAddress: 3 })
    knock(admission)
    knock(admission)
    await turn()
    const third = knock(admission)
    const fourth = knock(admission)
    const stranger = knock(admission, '10.0.0.2')
    await turn()
    expect([third.answer, fourth.answer, stranger.answer]).toEqual([
      undefined,
      'too_many_of_address',
      undefined,
    ])

    admission.closed('10.0.0.1')
    admission.closed('10.0.0.1')
    await turn()
    expect([third.answer, stranger.answer]).toEqual(['admitted', 'admitted'])
  })

  test('what was let in and never opened holds no place', async () => {
    const admission = admissionOf({ maxConnections: 1, maxPerAddress: 1 })
    await admission.admit('10.0.0.1')
    await vi.advanceTimersByTimeAsync(1)
    const visitor = knock(admission)
    await turn()
    expect(visitor.answer).toBe('admitted')
  })

  test('a node that goes lets nobody in, and nobody wait', async () => {
    const admission = admissionOf({ maxConnections: 1 })
    knock(admission)
    await turn()
    const waiting = knock(admission)
    admission.close()
    const late = knock(admission)
    await turn()
    expect([waiting.answer, late.answer]).toEqual(['full', 'full'])
  })
})
