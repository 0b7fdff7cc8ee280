import { COMMIT, type Side, type Step } from './interleaving-explorer.ts'

/** The one order in which rows are locked: people, then rooms, then member rows, each sorted by key. */
const ORDER = ['user', 'room', 'member']

/** One relative statement that locks the one row it writes needs no lock of its own (docs/BADGES.md). */
const RELATIVE = new Set(['set_muted: write', 'set_archived: write'])

/**
 * Holds a schedule to "first lock, then look" (docs/BADGES.md): rows are locked in one order, by steps that do
 * nothing else, and what is written after them is locked already.
 * @returns what breaks the rule, in words.
 */
export function lockFaultsOf(schedule: readonly Step[]): string[] {
  const highest: Record<Side, string> = { a: '', b: '' }
  return schedule.flatMap(({ side, place, locked, lockedBeforeWaiting }) => {
    // A statement that waits in the middle shows in which order it goes on.
    const batches = [lockedBeforeWaiting, locked.difference(lockedBeforeWaiting)].map(orderKeysOf)
    const isAllowed =
      batches.every(({ length }) => length === 0) || /: lock /.test(place) || RELATIVE.has(place)
    if (place === COMMIT) highest[side] = ''
    const faults = isAllowed ? [] : [`"${place}" writes what is not locked: ${[...locked]}`]
    for (const keys of batches) {
      const [lowest = highest[side]] = keys
      if (lowest < highest[side]) faults.push(`"${place}" locks ${lowest} after ${highest[side]}`)
      highest[side] = keys.at(-1) ?? highest[side]
    }
    return faults
  })
}

/** The rows that have an order, so written that it is the order of the text. */
function orderKeysOf(rows: ReadonlySet<string>): string[] {
  return [...rows]
    .map((row) => ({ row, rank: ORDER.indexOf(row.slice(0, row.indexOf(' '))) }))
    .filter(({ rank }) => rank >= 0)
    .map(({ row, rank }) => `${rank} ${row}`)
    .sort()
}
