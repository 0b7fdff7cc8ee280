import type { Result } from './result.ts'
import { verdictOf } from './verdict.ts'

/** The result in the terminal. */
export function printResult(result: Result, tookSeconds: number): void {
  const { title, tables, bars, notes, voidBecause } = result
  console.log(`\n# ${title} (${tookSeconds} s)`)
  for (const { caption, head, rows } of tables) {
    console.log(`\n${caption}`)
    const widths = head.map((name, column) =>
      Math.max(name.length, ...rows.map((row) => String(row[column]).length)),
    )
    for (const row of [head, ...rows]) {
      console.log(row.map((cell, column) => String(cell).padEnd(widths[column] ?? 0)).join('  '))
    }
  }
  console.log('')
  for (const bar of bars) {
    const verdict = verdictOf(bar, result)
    const words = verdict === 'held' ? verdict : verdict.toUpperCase()
    console.log(`${words.padEnd(12)}  ${bar.promise}: ${bar.measured}`)
  }
  for (const note of notes) console.log(note)
  for (const why of voidBecause) console.log(`VOID      ${why}`)
}
