import { type Limiter, overloaded } from './limit-concurrency.ts'

/** Asks for one thing of many that are read together. Throws what the read or the limit throws, and `overloaded`. */
export type Together<K, V> = (key: K) => Promise<V>

type Waiting<K, V> = { key: K; resolve: (answer: V) => void; reject: (error: unknown) => void }

/**
 * Reads that give way to others by a limit: somebody alone is read at once, and whoever waits for a place is read with up
 * to `most` of those that wait, in the order they came. So where answers come late because there is much to do, more of
 * them come together. With as many as `maxWaiting`, the next one is refused.
 *
 * @param read answers in the order of the keys. Where it fails, all that were read with it fail alike.
 */
export function together<K, V>(
  limit: Limiter,
  read: (keys: readonly K[]) => Promise<readonly V[]>,
  { most, maxWaiting }: { most: number; maxWaiting: number },
): Together<K, V> {
  const waiting: Waiting<K, V>[] = []
  /** Reads that stand in line for a place: enough for all that wait. */
  let turns = 0

  async function takeTurn(): Promise<void> {
    turns -= 1
    const asked = waiting.splice(0, most)
    try {
      const answers = await read(asked.map(({ key }) => key))
      for (const [index, { resolve }] of asked.entries()) resolve(answers[index] as V)
    } catch (error) {
      for (const { reject } of asked) reject(error)
    }
  }

  function addTurn(): void {
    turns += 1
    limit(takeTurn).catch((error: unknown) => {
      turns -= 1
      for (const { reject } of waiting.splice(turns * most)) reject(error)
    })
  }

  return (key) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= maxWaiting) throw overloaded()
      waiting.push({ key, resolve, reject })
      if (turns * most < waiting.length) addTurn()
    })
}
