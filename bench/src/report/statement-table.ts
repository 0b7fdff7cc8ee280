import type { CallFigures, StatementFigures } from '../measure/call-count.ts'
import type { Table } from './result.ts'

const LONGEST = 110

/** Every statement that ran while a load did, and how often for each of what the load is made of. */
export function statementTable(
  { statements, turns }: CallFigures,
  { count, each }: { count: number; each: string },
): Table {
  const of = (calls: number): string => (calls / count).toFixed(4)
  return {
    caption: `What PostgreSQL was asked, per ${each}: ${count.toLocaleString('en-US')} in ${turns === 1 ? 'one turn' : `each of ${turns} turns, medians`}, beside as long a time without them`,
    head: ['statement', `with them, per ${each}`, 'without', 'because of them'],
    rows: statements.map((statement) => [
      `\`${shortened(statement)}\``,
      of(statement.withLoad),
      of(statement.withoutLoad),
      statement.isOfLoad ? 'yes' : 'no',
    ]),
  }
}

/** How many queries polls asked for, and how that is known. */
export function queriesText({ queries, statements, turns }: CallFigures, polls: number): string {
  const asked = statements.filter(({ isOfLoad }) => isOfLoad).length
  return `${queries.toFixed(0)} for ${polls.toLocaleString('en-US')} polls: of ${statements.length} statements that ran at all, ${asked} ran more often because of polls${turns === 1 ? '' : ` in each of ${turns} turns`}`
}

/** In one line and without what a table of Markdown would read as its own. */
function shortened({ text }: StatementFigures): string {
  const line = text.replaceAll(/\s+/g, ' ').replaceAll('|', '¦').replaceAll('`', "'").trim()
  return line.length > LONGEST ? `${line.slice(0, LONGEST)} …` : line
}
