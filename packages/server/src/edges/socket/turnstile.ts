/**
 * Lets so many pass in one turn of the event loop, first come first served; the others in the turns after it. Thousands
 * who are cut off at one moment would hold up every message meanwhile.
 */
export class Turnstile {
  readonly #perTurn: number
  readonly #waiting: (() => void)[] = []

  constructor({ perTurn }: { perTurn: number }) {
    this.#perTurn = perTurn
  }

  /** Resolves in the next turn, or in the first after it that has a place. */
  pass(): Promise<void> {
    if (this.#waiting.length === 0) setImmediate(() => this.#turn())
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #turn(): void {
    for (const resolve of this.#waiting.splice(0, this.#perTurn)) resolve()
    if (this.#waiting.length > 0) setImmediate(() => this.#turn())
  }
}
