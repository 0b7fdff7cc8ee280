import type { Readable, Tally } from '@tally/client'
import { createContext, useContext } from 'react'
import { useStore } from '../tally/use-store.ts'

type Source = Pick<Tally, 'connection' | 'onBadgeTrace'>

type BadgeLatency = Readable<number | null> & {
  /** Begins to measure. @returns what ends it. */
  watch(): () => void
}

/**
 * How long the last badge took from the moment its message reached the server until it was here, in whole ms: the
 * server's own measurement, and half a round trip for the way, which no clock of one side alone can tell. `null` until a
 * badge was measured over the transport that is in use. Polls tell nothing of the kind.
 */
export function createBadgeLatency(tally: Source): BadgeLatency {
  const listeners = new Set<() => void>()
  let latencyMs: number | null = null
  let { transport } = tally.connection.get()
  const become = (next: number | null) => {
    if (next === latencyMs) return
    latencyMs = next
    for (const listener of listeners) listener()
  }
  const onConnection = () => {
    const now = tally.connection.get().transport
    // While there is no connection, what was measured last still is.
    if (now === null || now === transport) return
    transport = now
    become(null)
  }
  return {
    get: () => latencyMs,
    subscribe(onChange) {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
    watch() {
      const ends = [
        tally.connection.subscribe(onConnection),
        tally.onBadgeTrace(({ timing }) => {
          const roundTripMs = tally.connection.get().latencyMs
          if (timing === undefined || roundTripMs === null) return
          const { edgeMs, commitMs, ledgerMs } = timing
          become(Math.max(1, Math.round(edgeMs + commitMs + ledgerMs + roundTripMs / 2)))
        }),
      ]
      return () => {
        for (const end of ends) end()
      }
    },
  }
}

const NOT_MEASURED: Readable<null> = { get: () => null, subscribe: () => () => {} }

export const BadgeLatencyContext = createContext<Readable<number | null>>(NOT_MEASURED)

export function useBadgeLatency(): number | null {
  return useStore(useContext(BadgeLatencyContext))
}
