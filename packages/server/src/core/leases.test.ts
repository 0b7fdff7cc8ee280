import type { RoomId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { Leases } from './leases.ts'

const R1 = 'room-1' as RoomId
const R2 = 'room-2' as RoomId

describe('leases', () => {
  test('tell a room only when it opens on the first device and closes on the last', () => {
    const leases = new Leases()
    expect(leases.apply(open('phone', R1, 100), 0)).toEqual([R1])
    expect(leases.apply(open('laptop', R1, 100), 0)).toEqual([])
    expect(leases.apply(open('laptop', R1, 100), 0)).toEqual([])
    expect(leases.apply({ kind: 'close', deviceId: 'phone', roomId: R1 }, 0)).toEqual([])
    expect(leases.apply({ kind: 'close', deviceId: 'phone', roomId: R1 }, 0)).toEqual([])
    expect(leases.apply({ kind: 'close', deviceId: 'laptop', roomId: R1 }, 0)).toEqual([R1])
    expect(leases.isOpen(R1)).toBe(false)
    expect(leases.empty).toBe(true)
  })

  test('lapse at their time, each on its own', () => {
    const leases = new Leases()
    leases.apply(open('phone', R1, 100), 0)
    leases.apply(open('phone', R2, 200), 0)
    leases.apply(connect('phone', 'node-1', 150), 0)
    expect(leases.dropLapsed(99)).toEqual([])
    expect(leases.dropLapsed(100)).toEqual([R1])
    expect(leases.nodes).toEqual(['node-1'])
    expect(leases.dropLapsed(150)).toEqual([])
    expect(leases.nodes).toEqual([])
    expect(leases.empty).toBe(false)
    expect(leases.dropLapsed(10_000)).toEqual([R2])
    expect(leases.empty).toBe(true)
  })

  test('put again later than before, or sooner, lapse when last said', () => {
    const leases = new Leases()
    leases.apply(open('phone', R1, 100), 0)
    leases.apply(open('phone', R1, 100), 50)
    expect(leases.dropLapsed(100)).toEqual([])
    leases.apply(open('phone', R1, 10), 100)
    expect(leases.dropLapsed(109)).toEqual([])
    expect(leases.dropLapsed(110)).toEqual([R1])
  })

  test('a device that moves to another node is connected there alone', () => {
    const leases = new Leases()
    leases.apply(connect('phone', 'node-1', 100), 0)
    const before = leases.nodes
    leases.apply(connect('phone', 'node-2', 100), 0)
    expect(leases.nodes).toEqual(['node-2'])
    expect(before).toEqual(['node-1'])
  })

  test('a polling device may open rooms without being connected', () => {
    const leases = new Leases()
    expect(leases.apply(open('poll:alice', R1, 4_000), 0)).toEqual([R1])
    expect(leases.nodes).toEqual([])
    expect(leases.openRooms()).toEqual([R1])
  })

  test('a mark as unread ends what was opened before it, and nothing that was opened since', () => {
    const leases = new Leases()
    leases.apply(open('phone', R1, 100, 3), 0)
    leases.apply(open('laptop', R1, 100, 4), 0)
    leases.apply(open('phone', R2, 100, 3), 0)
    expect(leases.apply({ kind: 'close-older', roomId: R1, beforeEpoch: 4 }, 0)).toEqual([])
    expect(leases.openRooms()).toEqual([R1, R2])
    expect(leases.apply({ kind: 'close', deviceId: 'laptop', roomId: R1 }, 0)).toEqual([R1])
  })

  test('what was said before does not make an open room an older one', () => {
    const leases = new Leases()
    leases.apply(open('phone', R1, 100, 4), 0)
    leases.apply(open('phone', R1, 200, 3), 0)
    expect(leases.apply({ kind: 'close-older', roomId: R1, beforeEpoch: 4 }, 0)).toEqual([])
    expect(leases.dropLapsed(199)).toEqual([])
    expect(leases.apply({ kind: 'close-older', roomId: R1, beforeEpoch: 5 }, 199)).toEqual([R1])
    leases.apply(open('phone', R1, 100, 3), 199)
    expect(leases.apply({ kind: 'close-older', roomId: R1, beforeEpoch: 4 }, 199)).toEqual([R1])
  })

  test('close-older and disconnect end what they name and nothing else', () => {
    const leases = new Leases()
    for (const device of ['phone', 'laptop']) {
      leases.apply(connect(device, 'node-1', 100), 0)
      leases.apply(open(device, R1, 100), 0)
    }
    leases.apply(open('laptop', R2, 100), 0)
    expect(leases.apply({ kind: 'close-older', roomId: R1, beforeEpoch: 1 }, 0)).toEqual([R1])
    expect(leases.openRooms()).toEqual([R2])
    expect(leases.apply({ kind: 'disconnect', deviceId: 'phone' }, 0)).toEqual([])
    expect(leases.nodes).toEqual(['node-1'])
    expect(leases.apply({ kind: 'disconnect', deviceId: 'laptop' }, 0)).toEqual([R2])
    expect(leases.apply({ kind: 'disconnect', deviceId: 'laptop' }, 0)).toEqual([])
    expect(leases).toMatchObject({ empty: true, size: 0, nodes: [] })
  })
})

function open(deviceId: string, roomId: RoomId, ttlMs: number, readEpoch = 0) {
  return { kind: 'open', deviceId, roomId, readEpoch, ttlMs } as const
}

function connect(deviceId: string, nodeId: string, ttlMs: number) {
  return { kind: 'connect', deviceId, nodeId, ttlMs } as const
}
