/** When a value was told: by which connection, at which `rev`. */
export type RevStamp = { readonly generation: number; readonly rev: number }

/** rev = warm · 2^20 + n: of two revs of one warm everything that lies between was told or can be asked for. */
const REVS_PER_WARM = 2 ** 20

/** Whether the server's ledger was rebuilt between these revs, so that rows of before may have changed untold. */
export function wasRebuilt(before: number, after: number): boolean {
  return Math.floor(before / REVS_PER_WARM) !== Math.floor(after / REVS_PER_WARM)
}

/** Of before any connection: everything replaces it. */
export const NEVER: RevStamp = { generation: -1, rev: 0 }

/**
 * Decides which of two values is newer. Revs are compared within one connection only: the ledger may have been rebuilt
 * in between, with lower ones. So each connection begins a generation; whatever the new one says first replaces what
 * an earlier one said last.
 */
export class RevClock {
  #generation = 0
  #highest = 0

  /** The highest rev that the present connection told. */
  get highest(): number {
    return this.#highest
  }

  /** A new connection: the revs of before say nothing about those that come. */
  begin(): void {
    this.#generation++
    this.#highest = 0
  }

  /** Names the present connection; what is asked for now and answered later belongs to it. */
  get generation(): number {
    return this.#generation
  }

  /**
   * The stamp of a value that came with a `rev` of its own.
   *
   * @param generation when it was asked for: an answer that comes late must not speak for a connection after it.
   */
  stamp(rev: number, generation = this.#generation): RevStamp {
    if (generation === this.#generation) this.#highest = Math.max(this.#highest, rev)
    return { generation, rev }
  }

  /**
   * The stamp of an answer to a request that is made now and will not carry a `rev`: it is at least as new as
   * everything that was told before it was asked for.
   */
  stampOfRequest(): RevStamp {
    return { generation: this.#generation, rev: this.#highest }
  }

  /** Whether a value of this stamp comes from the present connection. */
  isCurrent(stamp: RevStamp): boolean {
    return stamp.generation === this.#generation
  }

  /** Whether a value stamped `next` may replace one stamped `known`; an equal one may, it says the same. */
  replaces(next: RevStamp, known: RevStamp): boolean {
    if (next.generation !== known.generation) return next.generation > known.generation
    return next.rev >= known.rev
  }
}
