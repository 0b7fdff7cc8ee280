import { createHash } from 'node:crypto'
import type { RedisClient } from './open-redis.ts'

/** A Lua script that Redis is asked to run by its digest, and sent in full only to a server that does not know it yet. */
export class RedisScript {
  readonly #text: string
  readonly #digest: string

  constructor(text: string) {
    this.#text = text
    this.#digest = createHash('sha1').update(text).digest('hex')
  }

  /**
   * @returns what the script does; a text as its bytes.
   * @throws whatever the script or the connection fails with.
   */
  async run(client: RedisClient, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    try {
      return await client.callBuffer('evalsha', this.#digest, keys.length, ...keys, ...args)
    } catch (error) {
      // A server that was restarted, flushed its scripts or became the primary only now.
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return client.callBuffer('eval', this.#text, keys.length, ...keys, ...args)
    }
  }
}
