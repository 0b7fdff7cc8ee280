import type { ConnectionStatus } from '@tally/client'
import { useTally } from '../tally-context.ts'
import { useReadable } from './use-readable.ts'

const BEFORE: { readonly value: ConnectionStatus } = {
  value: { state: 'closed', transport: null, latencyMs: null, activeUsers: null },
}

/** How news come, and whether they do: `live`, `polling`, `offline`, `needs-auth` …; `isConnected` of the client sums it up. */
export function useConnection(): ConnectionStatus {
  return useReadable(useTally().connection, BEFORE)
}
