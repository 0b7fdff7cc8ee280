import type { Tally } from '@tally/client'

/** Something that there is once for each client: made when it is first asked for, and gone with the client. */
export function perTally<T extends object>(make: (tally: Tally) => T): (tally: Tally) => T {
  const made = new WeakMap<Tally, T>()
  return (tally) => {
    const known = made.get(tally)
    if (known !== undefined) return known
    const fresh = make(tally)
    made.set(tally, fresh)
    return fresh
  }
}
