import type { Side, Step } from './interleaving-explorer.ts'

/** The one order in which rows are locked: people, then rooms, then member rows, each sorted by key. */
const ORDER = ['user', 'room', 'member']

/** One relative statement that locks the one row it writes needs no lock of its own (badges.md, part 2). */
const RELATIVE = new Set(['set_muted: write', 'set_archived: write'])

/**
 * Holds a schedule to "first lock, then look" (badges.md, part 2): rows are locked in one order, by steps that do
 * nothing else, and what is written after them is locked already.
 * @returns what breaks the rule, in words.
 */
export function lockFaultsOf(schedule: readonly Step[]): string[] {
  const highest: Partial<Record<Side, string>> = {}
  const faults: string[] = []
  for (const { side, place, locked } of schedule) {
    const keys = [...locked].filter(isOrdered).map(orderKey).sort()
    const [lowest] = keys
    if (lowest === undefined) continue
    if (!/: lock /.test(place) && !RELATIVE.has(place))
      faults.push(`"${place}" writes what is not locked: ${[...locked]}`)
    if (lowest < (highest[side] ?? '')) faults.push(`"${place}" locks ${lowest} after ${highest[side]}`)
    highest[side] = keys.at(-1)!
  }
  return faults
}

function isOrdered(row: string): boolean {
  return ORDER.includes(kindOf(row))
}

function orderKey(row: string): string {
  return `${ORDER.indexOf(kindOf(row))} ${row}`
}

function kindOf(row: string): string {
  return row.slice(0, row.indexOf(' '))
}
