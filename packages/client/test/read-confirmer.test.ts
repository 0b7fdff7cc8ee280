import { type ReadEpoch, type ReadState, RequestError, type Seq } from '@tally/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ReadConfirmer, type Seen } from '../src/read-confirmer.ts'
import { ROOM } from './sample-messages.ts'

type Attempt = { seen: Seen; confirmed: () => Promise<void>; refused: (error: unknown) => Promise<void> }

let attempts: Attempt[]
let canConfirm: boolean
let confirmed: ReadState[]
let reads: ReadConfirmer

beforeEach(() => {
  vi.useFakeTimers()
  attempts = []
  confirmed = []
  canConfirm = true
  reads = new ReadConfirmer({
    confirm: (seen) =>
      new Promise((resolve, reject) => {
        const confirmed = async () => {
          resolve({ roomId: ROOM, readSeq: seen.upToSeq, readEpoch: seen.readEpoch, unread: 0 })
          await vi.advanceTimersByTimeAsync(0)
        }
        const refused = async (error: unknown) => {
          reject(error)
          await vi.advanceTimersByTimeAsync(0)
        }
        attempts.push({ seen, confirmed, refused })
      }),
    canConfirm: () => canConfirm,
    onConfirmed: (state) => confirmed.push(state),
    onUnauthorized: () => {},
    random: () => 0.5,
  })
})
afterEach(() => {
  vi.useRealTimers()
})

const see = (upToSeq: number, readEpoch = 0): void =>
  reads.seen({ upToSeq: upToSeq as Seq, readEpoch: readEpoch as ReadEpoch })
const asked = (): number[] => attempts.map(({ seen }) => seen.upToSeq)

test('one confirmation is on its way at a time; of those that gather only the furthest goes out', async () => {
  for (const upToSeq of [1, 2, 5, 3]) see(upToSeq)
  expect(asked()).toEqual([1])
  await attempts[0]!.confirmed()
  expect(asked()).toEqual([1, 5])
  await attempts[1]!.confirmed()
  expect(asked()).toEqual([1, 5])
  expect(confirmed.map(({ readSeq }) => readSeq)).toEqual([1, 5])
})

test('what was seen while nothing can be told is told when it can', async () => {
  canConfirm = false
  see(4)
  expect(attempts).toEqual([])
  canConfirm = true
  reads.resume()
  expect(asked()).toEqual([4])
})

test('a confirmation whose answer was lost is told again', async () => {
  see(4)
  canConfirm = false
  await attempts[0]!.refused(new RequestError('unavailable'))
  canConfirm = true
  reads.resume()
  expect(asked()).toEqual([4, 4])
})

test('a busy server is asked again, with what is furthest by then', async () => {
  see(4)
  await attempts[0]!.refused(new RequestError('overloaded', { retryAfterMs: 700 }))
  see(6)
  expect(asked()).toEqual([4])
  await vi.advanceTimersByTimeAsync(700)
  expect(asked()).toEqual([4, 6])
})

test('what was marked unread is not told any more', async () => {
  see(4)
  see(6)
  reads.forget()
  await attempts[0]!.confirmed()
  expect(asked()).toEqual([4])
})

test('a newer epoch counts, even from further up', async () => {
  see(9, 0)
  see(3, 1)
  await attempts[0]!.confirmed()
  expect(attempts[1]!.seen).toEqual({ upToSeq: 3, readEpoch: 1 })
})

test('a refusal for good is not repeated', async () => {
  see(4)
  await attempts[0]!.refused(new RequestError('room_not_found'))
  await vi.advanceTimersByTimeAsync(60_000)
  reads.resume()
  expect(asked()).toEqual([4])
})

test('it is idle when nothing is on its way, so that a room can be closed after its last confirmation', async () => {
  await reads.idle()
  see(4)
  see(5)
  let isIdle = false
  const idle = reads.idle().then(() => {
    isIdle = true
  })
  await attempts[0]!.confirmed()
  expect(isIdle).toBe(false)
  await attempts[1]!.confirmed()
  await idle
  expect(isIdle).toBe(true)
})
