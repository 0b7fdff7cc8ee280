import type { Database } from '../src/store/open-database.ts'
import type { Statement } from '../src/store/statement.ts'
import { typedStatements } from '../src/store/typed-statements.ts'

export type HeldDatabase = {
  /** The same database, for which the statements wait. */
  readonly db: Database
  /** The first of them is held. */
  readonly reached: Promise<void>
  /** Lets them all go, and those that come. */
  readonly open: () => void
}

/**
 * A database that is slow with some statements: those go out, or `after` that come back, when they are let.
 * @param isHeld asked once for every statement, by its text.
 */
export function holdStatements(
  db: Database,
  isHeld: (text: string) => boolean,
  { after = false } = {},
): HeldDatabase {
  const reached = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const query = async <R>(statement: Statement): Promise<R[]> => {
    if (!isHeld(statement.text)) return db.query(statement)
    if (!after) {
      reached.resolve()
      await gate.promise
      return db.query(statement)
    }
    const rows = await db.query<R>(statement)
    reached.resolve()
    await gate.promise
    return rows
  }
  const kysely = typedStatements(query)
  const held = new Proxy(db, {
    get: (target, key) => (key === 'query' ? query : key === 'kysely' ? kysely : Reflect.get(target, key)),
  })
  return { db: held, reached: reached.promise, open: gate.resolve }
}

/** The n-th of these statements, counted from 1, and all after it. */
export function fromNth(n: number, part: string): (text: string) => boolean {
  let seen = 0
  return (text) => text.includes(part) && ++seen >= n
}
