import type { z } from 'zod'
import { RequestError } from './request-error.ts'

/**
 * What a schema makes of an untrusted value.
 * @throws RequestError `invalid_request`, whose `details.issues` name the first few fields and what they should be.
 */
export function parseRequest<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw invalidRequest(parsed.error)
}

/** `invalid_request` for what a schema found: paths and rules, never the values that were sent. */
export function invalidRequest(error: z.core.$ZodError): RequestError {
  const issues = error.issues.slice(0, MAX_REPORTED_ISSUES).map((issue) => ({
    path: issue.path.map(String).join('.'),
    message: issue.message,
  }))
  return new RequestError('invalid_request', { details: { issues } })
}

const MAX_REPORTED_ISSUES = 5
