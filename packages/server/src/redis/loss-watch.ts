import type { OpenedRedis } from './open-redis.ts'
import { RedisScript } from './redis-script.ts'

export type LossWatchOptions = {
  readonly redis: OpenedRedis
  /** Begins the marks of one node. */
  readonly prefix: string
}

/** A node that looks no more leaves no marks behind. */
const MARK_TTL_MS = 60_000

/** As many as there are buckets of users: where one of them lost its keys, it lost its mark. */
const TAGS = 64

/**
 * Tells that Redis lost what it held: flushed, restarted, or replaced by a copy that may be older. Nobody says so by
 * itself; whoever comes next merely finds their key gone, which for somebody to whom nobody writes would be never. So
 * each node leaves marks, which name the Redis process they were made in, and looks whether they are still there.
 */
export class LossWatch {
  readonly #redis: OpenedRedis
  readonly #keys: readonly string[]
  readonly #script = new RedisScript(MARK)
  /** Until the first look nobody expects to find anything. */
  #hasLooked = false
  /** The last look made marks anew, perhaps, and had no answer: what they replaced nobody will ever know. */
  #isInDoubt = false

  constructor({ redis, prefix }: LossWatchOptions) {
    this.#redis = redis
    this.#keys = Array.from({ length: redis.isCluster ? TAGS : 1 }, (_, tag) => `${prefix}{${tag}}`)
  }

  /**
   * @returns whether anything was lost, for all one knows, since the last look that was answered.
   * @throws what the connection fails with.
   */
  async look(): Promise<boolean> {
    const { client } = this.#redis
    const wasInDoubt = this.#isInDoubt
    this.#isInDoubt = true
    const found = await Promise.all(
      this.#keys.map((key) => this.#script.run(client, [key], [String(MARK_TTL_MS)])),
    )
    const isLost = this.#hasLooked && (wasInDoubt || found.includes(0))
    this.#hasLooked = true
    this.#isInDoubt = false
    return isLost
  }
}

/** One mark: 1 when it was there and made in this process, else 0 and it is made. */
const MARK = `
local process = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
if redis.call('GET', KEYS[1]) == process then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  return 1
end
redis.call('SET', KEYS[1], process, 'PX', ARGV[1])
return 0
`
