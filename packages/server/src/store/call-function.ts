import { type ErrorCode, RequestError } from '@tally/protocol'
import type { Database } from './open-database.ts'

/** What a function of the database says when it refuses; nothing was written then. */
type Refusal = { refused: ErrorCode; limit: string | null }

/**
 * Calls one of `functions/`: one round trip, one transaction.
 * @throws RequestError with the code the function refused with, or `storage_unavailable`.
 */
export async function callFunction<R extends object>(
  db: Database,
  name: string,
  values: readonly unknown[],
): Promise<R> {
  const places = values.map((_, index) => `$${index + 1}`).join(', ')
  const rows = await db.query<{ answer: R | Refusal }>({
    name,
    text: `select ${name}(${places}) as answer`,
    values,
  })
  const answer = rows[0]?.answer
  if (answer === undefined) throw new Error(`${name} answered nothing`)
  if ('refused' in answer) throw refusalOf(answer)
  return answer
}

function refusalOf({ refused, limit }: Refusal): RequestError {
  return new RequestError(refused, limit === null ? {} : { details: { limit } })
}
