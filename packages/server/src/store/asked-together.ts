/**
 * One question for many who ask alike: what is asked while an answer is under way, or soon after the last question, goes
 * together in the next one. So somebody alone waits for nobody, a thousand who come at once are a few statements, and what
 * they do next they do together, too.
 */
export class AskedTogether<K, V> {
  readonly #ask: (keys: readonly K[]) => Promise<readonly (V | Promise<V>)[]>
  readonly #everyMs: number
  #waiting: Waiting<K, V>[] = []
  #isAsking = false

  /**
   * @param ask answers in the order of the keys, each by itself: with a promise where the next question need not wait for
   * that answer. Where it fails, all who asked with it fail alike.
   * @param options.everyMs from the beginning of a question to that of the next at least.
   */
  constructor(
    ask: (keys: readonly K[]) => Promise<readonly (V | Promise<V>)[]>,
    { everyMs }: { everyMs: number },
  ) {
    this.#ask = ask
    this.#everyMs = everyMs
  }

  /** The question begins after this was called, so what was true then is known to the answer. */
  ask(key: K): Promise<V> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject })
      if (!this.#isAsking) void this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#isAsking = true
    // What the present tick still brings goes along.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      await Promise.all([this.#askFor(this.#waiting.splice(0, MOST_AT_ONCE)), delay(this.#everyMs)])
    }
    this.#isAsking = false
  }

  async #askFor(asked: readonly Waiting<K, V>[]): Promise<void> {
    try {
      const answers = await this.#ask(asked.map(({ key }) => key))
      for (const [index, { resolve }] of asked.entries()) resolve(answers[index] as V | Promise<V>)
    } catch (error) {
      for (const { reject } of asked) reject(error)
    }
  }
}

const MOST_AT_ONCE = 500

/** Not that of `node:timers/promises`, which knows no other clock than the machine's: here a test moves it. */
function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

type Waiting<K, V> = { key: K; resolve: (answer: V | Promise<V>) => void; reject: (error: unknown) => void }
