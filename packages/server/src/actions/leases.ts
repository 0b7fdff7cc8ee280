/**
 * How long the ledger believes in a connection or an open room that is not re-asserted: the longest time for which a
 * device that vanished without a word hides what it never confirmed.
 */
export const LEASE_TTL_MS = 30_000

/** How often a node re-asserts what it holds. */
export const TOUCH_INTERVAL_MS = 5_000
