import type { User } from '@tally/protocol'
import { readPeople } from '../store/read-people.ts'
import type { ActionContext } from './context.ts'

const MOST_LISTED = 50

/**
 * Whom a developer may continue as. For the development login only: nobody else may list people.
 * @throws RequestError `storage_unavailable`.
 */
export function listPeople(ctx: ActionContext): Promise<User[]> {
  return readPeople(ctx.db, { limit: MOST_LISTED })
}
