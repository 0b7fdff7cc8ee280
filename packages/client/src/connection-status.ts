import type { ConnectionProblem, Phase } from './connection-state.ts'
import type { Transport } from './provider.ts'

/** The connection as people see it. */
export type ConnectionStatus = {
  state: Phase
  /** How news travel now; `null` while they do not. */
  transport: Transport | null
  /**
   * Round trip of the last acknowledged request of this connection, in whole ms: there and back, with the server's work
   * in between (for a message: until it is stored). `null` before the first.
   */
  latencyMs: number | null
  /** While polling: how many people have one of the rooms open that are open here; else `null`. */
  activeUsers: number | null
  /** Why it is not live, when there is a reason. */
  error?: ConnectionProblem | undefined
}

/** Whether everything that is shown is current, by whichever transport. */
export function isConnected({ state }: ConnectionStatus): boolean {
  return state === 'live' || state === 'polling'
}

export function isSameStatus(a: ConnectionStatus, b: ConnectionStatus): boolean {
  return (Object.keys({ ...a, ...b }) as (keyof ConnectionStatus)[]).every((key) => a[key] === b[key])
}
