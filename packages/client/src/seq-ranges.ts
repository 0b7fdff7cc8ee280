/** A stretch of a room's history, both ends included. */
export type SeqRange = { readonly from: number; readonly to: number }

/**
 * Which stretches of a room's history are held without a hole. 0 is the place before the first message: a stretch
 * from 0 has the beginning. Ranges neither overlap nor touch, and are in order.
 */
export class SeqRanges {
  #ranges: SeqRange[] = []

  /** Everything from `from` to `to` is held. */
  add({ from, to }: SeqRange): void {
    const apart = this.#ranges.filter((range) => range.to < from - 1 || range.from > to + 1)
    const touching = this.#ranges.filter((range) => range.to >= from - 1 && range.from <= to + 1)
    const whole = {
      from: Math.min(from, ...touching.map((range) => range.from)),
      to: Math.max(to, ...touching.map((range) => range.to)),
    }
    this.#ranges = [...apart, whole].sort((a, b) => a.from - b.from)
  }

  containing(seq: number): SeqRange | undefined {
    return this.#ranges.find(({ from, to }) => from <= seq && seq <= to)
  }

  get last(): SeqRange | undefined {
    return this.#ranges.at(-1)
  }

  /** Keeps nothing but what lies within `range`. */
  keepOnly({ from, to }: SeqRange): void {
    this.#ranges = this.#ranges.flatMap((range) => {
      const kept = { from: Math.max(from, range.from), to: Math.min(to, range.to) }
      return kept.from <= kept.to ? [kept] : []
    })
  }

  clear(): void {
    this.#ranges = []
  }
}
