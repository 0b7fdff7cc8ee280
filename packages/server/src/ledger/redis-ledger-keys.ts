import type { UserId } from '@tally/protocol'
import { Cluster, type Redis } from 'ioredis'
import type { OpenedRedis } from '../redis/open-redis.ts'

/** Users of one bucket share a slot of a cluster, so that one call may touch many of them. */
const BUCKETS = 64

const KEYS_PER_SCAN = 1_000

/** The bucket of a user, 0 … 63: FNV-1a. Part of their keys, so it never changes. */
export function bucketOf(userId: UserId): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < userId.length; index += 1) {
    hash = Math.imul(hash ^ userId.charCodeAt(index), 0x01000193)
  }
  return (hash >>> 0) % BUCKETS
}

/** A user's keys, as the script takes them: registers, what changed, leases. */
export function keysOf(prefix: string, userId: UserId): [registers: string, changed: string, leases: string] {
  const tag = `${prefix}{${bucketOf(userId)}}`
  return [`${tag}:u:${userId}`, `${tag}:c:${userId}`, `${tag}:l:${userId}`]
}

/** Whose registers a key holds; `undefined` if it holds something else. */
export function userOf(prefix: string, key: string): UserId | undefined {
  const rest = key.slice(prefix.length)
  const tagEnd = rest.indexOf('}:u:')
  return tagEnd < 0 || tagEnd > 3 ? undefined : (rest.slice(tagEnd + 4) as UserId)
}

/** All users' keys, some at a time. A key may come twice while Redis grows its table. */
export async function* scanKeys({ client }: OpenedRedis, prefix: string): AsyncGenerator<string[]> {
  const match = `${prefix.replaceAll(/[*?[\]\\]/g, '\\$&')}{*}:[ucl]:*`
  for (const primary of primariesOf(client)) {
    let cursor = '0'
    do {
      const [next, keys] = await primary.scan(cursor, 'MATCH', match, 'COUNT', KEYS_PER_SCAN)
      yield keys
      cursor = next
    } while (cursor !== '0')
  }
}

/** How many keys Redis removed because their time was up, and because its memory was. */
export async function countRemovals({ client }: OpenedRedis): Promise<{ expired: number; evicted: number }> {
  let [expired, evicted] = [0, 0]
  for (const primary of primariesOf(client)) {
    const info = await primary.info('stats')
    expired += Number(/expired_keys:(\d+)/.exec(info)?.[1] ?? 0)
    evicted += Number(/evicted_keys:(\d+)/.exec(info)?.[1] ?? 0)
  }
  return { expired, evicted }
}

function primariesOf(client: OpenedRedis['client']): Redis[] {
  return client instanceof Cluster ? client.nodes('master') : [client]
}
