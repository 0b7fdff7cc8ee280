import type { RoomId, UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { TypingBoard } from './typing.ts'

const ROOM = 'room-1' as RoomId
const OTHER = 'room-2' as RoomId
const ALICE = 'alice' as UserId
const BOB = 'bob' as UserId

describe('typing', () => {
  test('is told when it begins, when it ends, and now and then while it goes on', () => {
    const board = new TypingBoard({ ttlMs: 6_000 })
    expect(board.set(signal({ typing: true, nowMs: 0 }))).toBe(true)
    expect(board.set(signal({ typing: true, nowMs: 2_999 }))).toBe(false)
    expect(board.set(signal({ typing: true, nowMs: 3_000 }))).toBe(true)
    expect(board.set(signal({ typing: true, nowMs: 3_500 }))).toBe(false)
    expect(board.set(signal({ typing: false, nowMs: 4_000 }))).toBe(true)
    expect(board.set(signal({ typing: false, nowMs: 4_000 }))).toBe(false)
  })

  test('goes on until the last device stopped', () => {
    const board = new TypingBoard({ ttlMs: 6_000 })
    board.set(signal({ typing: true, nowMs: 0 }))
    expect(board.set(signal({ deviceId: 'laptop', typing: true, nowMs: 0 }))).toBe(false)
    expect(board.set(signal({ typing: false, nowMs: 1 }))).toBe(false)
    expect(board.set(signal({ deviceId: 'laptop', typing: false, nowMs: 2 }))).toBe(true)
  })

  test('is over by itself when no device repeats it', () => {
    const board = new TypingBoard({ ttlMs: 6_000 })
    board.set(signal({ typing: true, nowMs: 0 }))
    board.set(signal({ deviceId: 'laptop', typing: true, nowMs: 2_000 }))
    expect(board.expire(6_000)).toEqual([])
    expect(board.expire(7_999)).toEqual([])
    expect(board.expire(8_000)).toEqual([{ roomId: ROOM, userId: ALICE }])
    expect(board.expire(9_000)).toEqual([])
    expect(board.set(signal({ typing: true, nowMs: 9_000 }))).toBe(true)
  })

  test('ends in every room with the device that is gone, and only there', () => {
    const board = new TypingBoard({ ttlMs: 6_000 })
    board.set(signal({ typing: true, nowMs: 0 }))
    board.set(signal({ roomId: OTHER, typing: true, nowMs: 0 }))
    board.set(signal({ roomId: OTHER, deviceId: 'laptop', typing: true, nowMs: 0 }))
    board.set(signal({ userId: BOB, deviceId: 'tablet', typing: true, nowMs: 0 }))
    expect(board.drop('phone')).toEqual([{ roomId: ROOM, userId: ALICE }])
    expect(board.drop('laptop')).toEqual([{ roomId: OTHER, userId: ALICE }])
    expect(board.drop('laptop')).toEqual([])
    expect(board.expire(6_000)).toEqual([{ roomId: ROOM, userId: BOB }])
  })
})

type Signal = Parameters<TypingBoard['set']>[0]

function signal(parts: Partial<Signal> & Pick<Signal, 'typing' | 'nowMs'>): Signal {
  return { roomId: ROOM, userId: ALICE, deviceId: 'phone', ...parts }
}
