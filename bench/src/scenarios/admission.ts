/**
 * How many new connections a second a server lets in: by default (`TALLY_CONNECTIONS_PER_SECOND`, which the bench, outside
 * of the server as it is, cannot import; a test holds both together), and in `idle`, which asks what a connection takes
 * and not how long it waits.
 */
export const CONNECTIONS_PER_SECOND = { usual: 550, idle: 100_000 }
