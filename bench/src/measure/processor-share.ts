/** How much of one core this process takes. */
export class ProcessorShare {
  readonly #startMs = performance.now()
  readonly #before = process.cpuUsage()

  /** @returns processor time per time since it was made: 1 is all of one core. */
  get(): number {
    const { user, system } = process.cpuUsage(this.#before)
    return (user + system) / 1_000 / (performance.now() - this.#startMs)
  }
}
