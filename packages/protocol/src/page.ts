import { z } from 'zod'
import { Cursor } from './ids.ts'
import { LIMITS } from './limits.ts'

/** A list: `next` is the cursor of the following page, `null` at the end. */
export function listOf<S extends z.ZodType>(item: S) {
  return z.object({ items: z.array(item), next: Cursor.nullable() })
}

/** A whole number in a query string: plain decimal digits, or a number where our own client calls. */
export function queryInt<S extends z.ZodType<unknown, number>>(schema: S) {
  const digits = z
    .string()
    .regex(/^(?:0|[1-9]\d{0,15})$/)
    .transform(Number)
    .pipe(schema)
  return z.union([schema, digits], { error: 'must be a whole number within its limits' })
}

/** A flag in a query string. */
export const queryFlag = z.union([
  z.boolean(),
  z.enum(['true', 'false']).transform((flag) => flag === 'true'),
])

/** How many entries of a page: 1-100. A huge one is refused, not shortened: the caller would take the page for the end. */
export const PageLimit = queryInt(z.int().min(1).max(LIMITS.pageMax)).default(LIMITS.pageDefault)

/** The query of every list. */
export const PageQuery = z.object({ cursor: Cursor.optional(), limit: PageLimit })
export type PageQuery = z.infer<typeof PageQuery>
