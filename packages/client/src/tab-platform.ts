/** What a browser gives the tabs of one site to find each other. */
export type TabPlatform = {
  readonly locks: TabLocks
  /** Reaches everybody who has a channel of this name, but not the one who posts; in the order of posting. */
  readonly channel: (name: string) => TabChannel
}

/** The part of the Web Locks API that is used: a lock is held until the callback's promise settles, or the tab is gone. */
export type TabLocks = {
  request(
    name: string,
    options: { ifAvailable?: boolean; steal?: boolean; signal?: AbortSignal },
    whileHeld: (lock: unknown) => Promise<void>,
  ): Promise<unknown>
}

/** The part of a BroadcastChannel that is used. */
export type TabChannel = {
  postMessage(message: unknown): void
  onmessage: ((event: { data: unknown }) => void) | null
  close(): void
}

/** `undefined` where there are no tabs, or they cannot find each other: then each client is alone. */
export function browserTabs(): TabPlatform | undefined {
  const { document, navigator, BroadcastChannel } = globalThis as unknown as {
    document?: unknown
    navigator?: { locks?: TabLocks }
    BroadcastChannel?: new (name: string) => TabChannel
  }
  const locks = navigator?.locks
  if (document === undefined || locks === undefined || BroadcastChannel === undefined) return undefined
  return { locks, channel: (name) => new BroadcastChannel(name) }
}
