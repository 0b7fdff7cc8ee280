import { outputOf } from './run-command.mjs'

/** The oldest Redis that Tally runs on: sharded channels came with it. */
export const OLDEST_REDIS_MAJOR = 7

/**
 * Whether a Redis server that Tally runs on, and the command line program that comes with it, are on the PATH.
 *
 * @returns {boolean}
 */
export function hasRedis() {
  const major = Number(outputOf('redis-server', ['--version'])?.match(/v=(\d+)/)?.[1] ?? 0)
  return major >= OLDEST_REDIS_MAJOR && outputOf('redis-cli', ['--version']) !== undefined
}
