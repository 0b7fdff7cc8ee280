import type { BadgeTrace, ConnectionStatus } from '@tally/client'
import type { RoomId, Seq } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { createBadgeLatency } from './badge-latency.ts'

const LIVE: ConnectionStatus = { state: 'live', transport: 'websocket', latencyMs: 6, activeUsers: null }

function stage(status: ConnectionStatus = LIVE) {
  const subscribers = new Set<() => void>()
  const traced = new Set<(trace: BadgeTrace) => void>()
  let now = status
  const latency = createBadgeLatency({
    connection: {
      get: () => now,
      subscribe(onChange) {
        subscribers.add(onChange)
        return () => subscribers.delete(onChange)
      },
    },
    onBadgeTrace(onTrace) {
      traced.add(onTrace)
      return () => traced.delete(onTrace)
    },
  })
  const end = latency.watch()
  return {
    latency,
    end,
    listening: () => subscribers.size + traced.size,
    become(next: Partial<ConnectionStatus>) {
      now = { ...now, ...next }
      for (const subscriber of subscribers) subscriber()
    },
    badge(timing?: { edgeMs: number; commitMs: number; ledgerMs: number }) {
      const trace = { roomId: 'r' as RoomId, seq: 1 as Seq, receivedAtMs: 0 }
      for (const onTrace of traced)
        onTrace({ ...trace, timing: timing && { acceptedAt: '2026-01-01T00:00:00Z', ...timing } })
    },
  }
}

describe('the last measured badge latency', () => {
  test('is the server’s time and the way from there', () => {
    const { latency, badge } = stage()
    expect(latency.get()).toBeNull()
    badge({ edgeMs: 0.4, commitMs: 3.2, ledgerMs: 1.5 })
    expect(latency.get()).toBe(8)
    badge({ edgeMs: 0, commitMs: 20, ledgerMs: 0 })
    expect(latency.get()).toBe(23)
  })

  test('stays when something comes that was not measured', () => {
    const { latency, badge, become } = stage()
    badge({ edgeMs: 0, commitMs: 20, ledgerMs: 0 })
    badge()
    become({ latencyMs: null })
    badge({ edgeMs: 0, commitMs: 1, ledgerMs: 0 })
    expect(latency.get()).toBe(23)
  })

  test('survives an interruption, and not another transport', () => {
    const { latency, badge, become } = stage()
    badge({ edgeMs: 0, commitMs: 20, ledgerMs: 0 })
    become({ state: 'offline', transport: null })
    become(LIVE)
    expect(latency.get()).toBe(23)
    become({ state: 'polling', transport: 'polling' })
    expect(latency.get()).toBeNull()
  })

  test('is measured no more once that was ended', () => {
    const { end, listening } = stage()
    expect(listening()).toBe(2)
    end()
    expect(listening()).toBe(0)
  })
})
