import { createHash, timingSafeEqual } from 'node:crypto'

/** The keys of the host's backend. Only their hashes are kept. */
export class ApiKeys {
  readonly #keys: readonly { readonly name: string; readonly hash: Buffer }[]

  constructor(keys: readonly { readonly name: string; readonly key: string }[]) {
    this.#keys = keys.map(({ name, key }) => ({ name, hash: sha256(key) }))
  }

  /** The name of the key that was presented, `undefined` if it is none of ours. Takes as long for any wrong key. */
  nameOf(presented: string): string | undefined {
    const hash = sha256(presented)
    let found: string | undefined
    // Not left early: the time would tell how many keys there are before the one that matched.
    for (const key of this.#keys) {
      if (timingSafeEqual(key.hash, hash)) found = key.name
    }
    return found
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
