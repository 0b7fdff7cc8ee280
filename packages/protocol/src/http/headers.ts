/** Names of our own HTTP headers, in lower case as Node has them. */
export const HEADERS = {
  /** A key of the host's backend. */
  apiKey: 'x-api-key',
  /** `nextPollMs` of a sync, on a 304 too. */
  nextPollMs: 'x-next-poll-ms',
  /** `activeUsers` of a sync, on a 304 too. */
  activeUsers: 'x-active-users',
} as const
