/** The limits that a client minds by itself: apart from the others, which would only be weight in a browser. */
export const CLIENT_LIMITS = {
  /** Length of a message, after trimming, in Unicode code points: what a person would call characters, so that an
   * emoji outside the basic plane counts once and a client and a server of any language agree. */
  messageChars: 4_000,
  /** Highest number of entries of one page of anything. */
  pageMax: 100,
  /** Rooms that one sync may name to get their messages. */
  syncNamedRooms: 50,
  /** How long a sync may wait for something to happen. Below the 30 s after which common proxies give up. */
  syncWaitSeconds: 25,
  /** A typing signal is over when it was not repeated for this long. */
  typingTtlMs: 6_000,
} as const
