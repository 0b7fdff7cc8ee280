import { type GroupAnswer, resultOf } from './group-answer.ts'
import { readColumns, sendColumns } from './group-columns.ts'
import type { Group, GroupResult } from './group-items.ts'
import type { Database } from './open-database.ts'
import type { Statement } from './statement.ts'

/**
 * Commits sends and reads at the head as one transaction, in one round trip. Reads see their room as it was before the
 * sends of the same call.
 *
 * @throws the driver's error when one of the items cannot be stored, and nothing was; RequestError
 * `storage_unavailable`.
 */
export async function commitGroup(db: Database, group: Group): Promise<GroupResult> {
  const rows = await db.query<{ answer: GroupAnswer }>(groupStatement(group))
  const answer = rows[0]?.answer
  if (answer === undefined) throw new Error('commit_group answered nothing')
  return resultOf(answer, group)
}

/** The call as the database gets it. */
export function groupStatement({ sends, reads, wait }: Group): Statement {
  const values = [...sendColumns(sends), ...readColumns(reads), wait]
  const places = values.map((_, index) => `$${index + 1}`).join(',')
  return { name: 'commit_group', text: `select commit_group(${places}) as answer`, values }
}
