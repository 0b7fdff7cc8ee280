import type { Result } from './result.ts'

/** The result in the terminal. */
export function printResult({ title, tables, bars, notes, voidBecause }: Result, tookSeconds: number): void {
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
  for (const { promise, measured, held } of bars) {
    console.log(`${held ? 'held    ' : 'NOT HELD'}  ${promise}: ${measured}`)
  }
  for (const note of notes) console.log(note)
  for (const why of voidBecause) console.log(`VOID      ${why}`)
}
