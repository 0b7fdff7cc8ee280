import type { z } from 'zod'

/** A field that installed apps leave out or send as `null`, as their language has it; both mean absent. */
export function optionalField<S extends z.ZodType>(schema: S) {
  return schema.nullish().transform((value): z.output<S> | undefined => value ?? undefined)
}
