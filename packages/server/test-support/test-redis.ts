import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'

/** A place of one's own on the Redis of this run, which all tests share. */
export interface TestRedis {
  url: string
  /** Begins every key and channel of this file. */
  prefix: string
}

/** The Redis of this run, which only the files named `.redis.test.ts`, `.pg.test.ts` and `.browser.test.ts` have. */
export function testRedis(): TestRedis {
  const url = inject('redisUrl')
  if (!url) throw new Error('no Redis here: name the file *.redis.test.ts')
  return { url, prefix: `test-${randomBytes(6).toString('hex')}:` }
}
