import { createHash } from 'node:crypto'
import { Cluster } from 'ioredis'
import type { RedisClient } from './open-redis.ts'
import { RedisScript } from './redis-script.ts'

/** How every library begins; its digest follows, so that versions stand side by side. */
const NAME_BEGIN = 'tally_'

/** More libraries than this are left over from earlier versions. */
const MOST_LIBRARIES = 16

/**
 * Lua that Redis loads once and runs for every call, where a script is made anew for each of them. It is loaded wherever
 * it turns out to be missing: in a Redis that was restarted or flushed of its functions, in a new master of a cluster. A
 * Redis that does not let its users load functions runs it as a script.
 */
export class RedisFunction {
  readonly #name: string
  readonly #library: string
  readonly #script: RedisScript
  #loading: Promise<void> | undefined
  #isRefused = false

  /** @param text Lua that ends by returning a function of the keys and the arguments. What it makes before is made once. */
  constructor(text: string) {
    const digest = createHash('sha1').update(text).digest('hex')
    this.#name = `${NAME_BEGIN}${digest.slice(0, 16)}`
    this.#library = libraryOf(this.#name, text)
    this.#script = new RedisScript(`${begin(text)}\nreturn begin()(KEYS, ARGV)`)
  }

  /**
   * @returns what the function does; a text as its bytes.
   * @throws whatever the function or the connection fails with.
   */
  async run(client: RedisClient, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const call = () => client.callBuffer('fcall', this.#name, keys.length, ...keys, ...args)
    if (!this.#isRefused) {
      try {
        return await call()
      } catch (error) {
        if (isRefusal(error)) this.#isRefused = true
        else if (isMissing(error)) await this.#loadOnce(client)
        else throw error
      }
    }
    return this.#isRefused ? this.#script.run(client, keys, args) : call()
  }

  /** All who find it missing wait for the same. */
  #loadOnce(client: RedisClient): Promise<void> {
    this.#loading ??= this.#load(client).finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  /** Into every master: which of them lacks it nobody says. One that is away is none of the others' concern. */
  async #load(client: RedisClient): Promise<void> {
    const servers = client instanceof Cluster ? client.nodes('master') : [client]
    const loads = servers.map(async (server) => {
      await server.function('LOAD', 'REPLACE', this.#library)
      // What cannot be dropped stays: that is no reason not to go on.
      await dropLeftOver(server, this.#name).catch(() => {})
    })
    const failures = (await Promise.allSettled(loads)).flatMap((load) =>
      load.status === 'rejected' ? [load.reason] : [],
    )
    if (failures.some(isRefusal)) this.#isRefused = true
    else if (failures.length === servers.length) throw failures[0]
  }
}

function begin(text: string): string {
  return `local function begin()\n${text}\nend`
}

/** While a library is loaded, Redis lets it touch nothing, not even Lua's own functions: it begins with the first call. */
function libraryOf(name: string, text: string): string {
  return `#!lua name=${name}
${begin(text)}
local run
redis.register_function('${name}', function(keys, arguments)
  run = run or begin()
  return run(keys, arguments)
end)
`
}

/** Redis keeps libraries for ever, through restarts too. Whoever still uses one of these loads it again. */
async function dropLeftOver(server: RedisClient, except: string): Promise<void> {
  const libraries = (await server.function('LIST', 'LIBRARYNAME', `${NAME_BEGIN}*`)) as string[][]
  if (libraries.length <= MOST_LIBRARIES) return
  const names = libraries.map((library) => library[library.indexOf('library_name') + 1] ?? except)
  for (const name of names) {
    if (name !== except) await server.function('DELETE', name)
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('ERR Function not found')
}

/** An older Redis, one of another make, or a user who may not. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && /^(NOPERM|ERR unknown (sub)?command)/i.test(error.message)
}
