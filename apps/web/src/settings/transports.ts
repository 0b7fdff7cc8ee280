/** How news may travel, as `setTransport` takes it. */
export const TRANSPORTS = ['auto', 'websocket', 'polling'] as const
