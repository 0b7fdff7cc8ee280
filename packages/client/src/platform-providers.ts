import { PollingProvider, type PollingProviderOptions } from './polling-provider.ts'
import type { ProviderFactory } from './provider.ts'
import { WebSocketProvider, type WebSocketProviderOptions } from './websocket-provider.ts'

/** What either of them needs. */
type PlatformProviderOptions = Omit<PollingProviderOptions & WebSocketProviderOptions, 'listener'>

/** Connections by what the platform has. */
export function platformProviders(options: PlatformProviderOptions): ProviderFactory {
  return (listener, transport) =>
    transport === 'websocket'
      ? new WebSocketProvider({ ...options, listener })
      : new PollingProvider({ ...options, listener })
}
