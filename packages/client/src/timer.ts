/** One thing that will be done later, unless it is called off or put off. */
export class Timer {
  #handle: ReturnType<typeof setTimeout> | undefined

  get isSet(): boolean {
    return this.#handle !== undefined
  }

  /** In place of what was set before. */
  set(delayMs: number, run: () => void): void {
    this.clear()
    this.#handle = setTimeout(() => {
      this.#handle = undefined
      run()
    }, delayMs)
  }

  clear(): void {
    clearTimeout(this.#handle)
    this.#handle = undefined
  }
}
