import type { Rev, RoomId, UserId } from '@tally/protocol'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { RoomRow } from '../../src/bus/frames.ts'
import type { BadgeValue } from '../../src/core/ledger-step.ts'
import { BadgeSender } from '../../src/edges/socket/badge-sender.ts'

const ANN = 'ann' as UserId

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function badge(rev: number, total: number): BadgeValue {
  return { total, unreadRooms: total > 0 ? 1 : 0, notifications: 0, rev: rev as Rev }
}

function row(rev: number, unreadCount: number, roomId = 'room'): RoomRow {
  return {
    roomId: roomId as RoomId,
    lastMessage: `at ${rev}`,
    lastMessageAt: null,
    lastSeq: rev,
    lastSenderId: null,
    unreadCount,
    rev,
    change: rev,
    membership: 1,
    muted: false,
    archived: false,
    left: false,
  }
}

function frame(value: BadgeValue, rooms: RoomRow[], urgent = false) {
  return { kind: 'user', userId: ANN, since: 0, badge: value, rooms, urgent } as const
}

function sender() {
  const latencies: number[] = []
  const badges = new BadgeSender({
    limits: { delayMs: 40, maxBatch: 100 },
    nowMs: () => performance.now(),
    onSent: ({ acceptedAtMs }) => {
      if (acceptedAtMs !== undefined) latencies.push(performance.now() - acceptedAtMs)
    },
  })
  return { badges, latencies }
}

/** A device that notes totals as `total@rev` and rows as `room:unread@rev`. */
function attach(badges: BadgeSender, { started = true } = {}) {
  const device = {
    heard: [] as string[],
    open: new Set<string>(),
    isCongested: false,
    totals: () => device.heard.filter((entry) => !entry.includes(':')),
  }
  const connection = {
    get isCongested() {
      return device.isCongested
    },
    send(event: string, payload: Record<string, unknown>) {
      const { totalUnreadCount, roomId, unread_count, rev } = payload
      device.heard.push(
        event === 'chat-room-updated' ? `${roomId}:${unread_count}@${rev}` : `${totalUnreadCount}@${rev}`,
      )
    },
  }
  const outlet = badges.attach(ANN, { connection, isOpen: (roomId) => device.open.has(roomId) })
  if (started) outlet.start()
  return Object.assign(device, { outlet })
}

describe('badges of one person', () => {
  test('the first of a burst leaves at once, rows first; the rest as one after the delay', async () => {
    const { badges } = sender()
    const phone = attach(badges)
    for (let n = 1; n <= 50; n += 1) {
      badges.frame(frame(badge(n, n), [row(n, n)]))
      await vi.advanceTimersByTimeAsync(1)
    }
    await vi.advanceTimersByTimeAsync(100)
    expect(phone.heard.slice(0, 2)).toEqual(['room:1@1', '1@1'])
    expect(phone.heard.slice(-2)).toEqual(['room:50@50', '50@50'])
    expect(phone.totals().length).toBeLessThanOrEqual(3)
  })

  test('own reading is never delayed, and takes along what waits', () => {
    const { badges } = sender()
    const phone = attach(badges)
    badges.frame(frame(badge(1, 1), [row(1, 1)]))
    badges.frame(frame(badge(2, 4), [row(2, 3, 'other')]))
    badges.frame(frame(badge(3, 3), [row(3, 0)], true))
    expect(phone.heard).toEqual(['room:1@1', '1@1', 'other:3@2', 'room:0@3', '3@3'])
  })

  test('a full batch leaves without waiting', () => {
    const { badges } = sender()
    const phone = attach(badges)
    for (let n = 1; n <= 101; n += 1) badges.frame(frame(badge(n, n), [row(n, n)]))
    expect(phone.totals()).toEqual(['1@1', '101@101'])
  })

  test('an older row or badge after a newer one is dropped', async () => {
    const { badges } = sender()
    const phone = attach(badges)
    badges.frame(frame(badge(5, 5), [row(5, 5)]))
    await vi.advanceTimersByTimeAsync(50)
    badges.frame(frame(badge(4, 4), [row(4, 4)]))
    await vi.advanceTimersByTimeAsync(50)
    expect(phone.heard).toEqual(['room:5@5', '5@5'])
  })

  test('so it is for somebody in thousands of busy rooms, and the same row is told once', async () => {
    const { badges } = sender()
    const phone = attach(badges)
    const rows = (from: number, to: number): RoomRow[] =>
      Array.from({ length: to - from }, (_, index) => row(from + index, 1, `room-${from + index}`))
    badges.frame(frame(badge(1, 1), [row(1, 1)], true))
    badges.frame(frame(badge(1_000, 1), rows(2, 1_000), true))
    badges.frame(frame(badge(1_001, 1), [row(1_001, 1)], true))
    badges.frame(frame(badge(1_400, 1), rows(1_002, 1_400), true))
    phone.heard.length = 0
    badges.frame(frame(badge(1_000, 1), [row(1_000, 9), row(1_399, 1, 'room-1399')], true))
    await vi.advanceTimersByTimeAsync(50)
    expect(phone.heard).toEqual([])
  })

  test('a total goes out only when its numbers changed for that device', async () => {
    const { badges } = sender()
    const phone = attach(badges)
    badges.frame(frame(badge(1, 1), [row(1, 1)]))
    await vi.advanceTimersByTimeAsync(50)
    badges.frame(frame(badge(2, 1), [row(2, 1)]))
    await vi.advanceTimersByTimeAsync(50)
    expect(phone.heard).toEqual(['room:1@1', '1@1', 'room:1@2'])
  })

  test('a device that learned another badge from an answer is told the present one, though it was sent before', async () => {
    const { badges } = sender()
    const phone = attach(badges)
    badges.frame(frame(badge(1, 3), []))
    phone.outlet.answered(badge(2, 6))
    badges.frame(frame(badge(3, 3), []))
    await vi.advanceTimersByTimeAsync(50)
    expect(phone.totals()).toEqual(['3@1', '3@3'])
    phone.outlet.answered(badge(3, 3))
    badges.frame(frame(badge(3, 3), []))
    expect(phone.totals()).toEqual(['3@1', '3@3'])
  })

  test('what the touch repeats does not make the next change wait, and reaches a device that knows nothing yet', () => {
    const { badges } = sender()
    const phone = attach(badges)
    badges.frame(frame(badge(1, 1), []))
    const tablet = attach(badges)
    vi.advanceTimersByTime(1_000)
    badges.frame(frame(badge(1, 1), []))
    expect(tablet.heard).toEqual(['1@1'])
    badges.frame(frame(badge(2, 2), []))
    expect(phone.heard).toEqual(['1@1', '2@2'])
    expect(tablet.heard).toEqual(['1@1', '2@2'])
  })

  test('a row that is kept back gives its place to no older one, however many others came since', () => {
    const { badges } = sender()
    const phone = attach(badges)
    phone.open.add('room')
    badges.frame(frame(badge(3, 7), [row(3, 7)], true))
    const others = Array.from({ length: 600 }, (_, index) => row(index + 4, 1, `other-${index}`))
    badges.frame(frame(badge(700, 7), others, true))
    phone.heard.length = 0
    badges.frame(frame(badge(700, 7), [row(2, 6)], true))
    phone.open.clear()
    phone.outlet.releaseRows()
    expect(phone.heard).toEqual(['room:7@3'])
  })

  test('a row is kept back, latest only, while its room is open on the device, and goes out when it closes', async () => {
    const { badges } = sender()
    const [phone, tablet] = [attach(badges), attach(badges)]
    phone.open.add('room')
    badges.frame(frame(badge(1, 0), [row(1, 0)]))
    await vi.advanceTimersByTimeAsync(50)
    badges.frame(frame(badge(2, 0), [row(2, 0)]))
    await vi.advanceTimersByTimeAsync(50)
    expect(phone.heard).toEqual(['0@1'])
    expect(tablet.heard).toEqual(['room:0@1', '0@1', 'room:0@2'])

    phone.open.delete('room')
    phone.outlet.releaseRows()
    expect(phone.heard).toEqual(['0@1', 'room:0@2'])
  })

  test('a device that is not ready gets nothing, and the latest of everything once it is', async () => {
    const { badges } = sender()
    const phone = attach(badges, { started: false })
    badges.frame(frame(badge(1, 1), [row(1, 1)]))
    badges.frame(frame(badge(2, 2), [row(2, 2)]))
    await vi.advanceTimersByTimeAsync(50)
    phone.outlet.offer([], badge(1, 1))
    expect(phone.heard).toEqual([])
    phone.outlet.start()
    expect(phone.heard).toEqual(['room:2@2', '2@2'])
  })

  test('a device that reads too slowly gets the latest only, once it has caught up', async () => {
    const { badges } = sender()
    const phone = attach(badges)
    phone.isCongested = true
    for (let n = 1; n <= 20; n += 1) {
      badges.frame(frame(badge(n, n), [row(n, n)]))
      await vi.advanceTimersByTimeAsync(45)
    }
    expect(phone.heard).toEqual([])
    phone.isCongested = false
    await vi.advanceTimersByTimeAsync(60)
    expect(phone.heard).toEqual(['room:20@20', '20@20'])
  })

  test('who asks gets the newest number although nothing changed, and the rows it is made of before it', async () => {
    const { badges } = sender()
    const phone = attach(badges)
    badges.frame(frame(badge(1, 1), [row(1, 1)]))
    badges.frame(frame(badge(2, 2), [row(2, 2)]))
    expect(await phone.outlet.answer(badge(2, 2))).toEqual(badge(2, 2))
    expect(phone.heard).toEqual(['room:1@1', '1@1', 'room:2@2', '2@2'])
    expect(await phone.outlet.answer(badge(1, 1))).toEqual(badge(2, 2))
    expect(phone.heard.at(-1)).toBe('2@2')
  })

  test('who asks is told what other nodes still have on its way before the number', async () => {
    const { badges } = sender()
    const phone = attach(badges)
    badges.begin(ANN, 1)
    const answer = phone.outlet.answer(badge(3, 3))
    badges.frame({ ...frame(badge(3, 3), [row(3, 1, 'other')]), since: 2 })
    badges.frame({ ...frame(badge(2, 2), [row(2, 2)]), since: 1 })
    expect(await answer).toEqual(badge(3, 3))
    expect(phone.heard).toEqual(['room:2@2', '2@2', 'other:1@3', '3@3'])
  })

  test('who asks does not wait for what was lost', async () => {
    const { badges } = sender()
    const phone = attach(badges)
    badges.begin(ANN, 1)
    const answer = phone.outlet.answer(badge(3, 3))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await answer).toEqual(badge(3, 3))
  })

  test('the time since a message was accepted is told with its row, the wait included', async () => {
    const { badges, latencies } = sender()
    attach(badges)
    const timing = { acceptedAt: '2026-01-01T00:00:00.000Z', edgeMs: 1, commitMs: 2, ledgerMs: 1 }
    badges.frame(frame(badge(1, 1), [{ ...row(1, 1), timing }]))
    badges.frame(frame(badge(2, 2), [{ ...row(2, 2), timing }]))
    await vi.advanceTimersByTimeAsync(50)
    expect(latencies).toEqual([4, 44])
  })
})
