import { z } from 'zod'
import { RETRY_ADVICE } from './error-codes.ts'
import { Count } from './ids.ts'

/** How a refusal looks on the wire: inside `error` of an HTTP answer and of a Socket.IO acknowledgement. */
export const ErrorDetail = z.object({
  // Any string, because a client must understand a server that is newer than itself; ours are `ErrorCode`.
  code: z.string(),
  message: z.string(),
  retry: z.enum(RETRY_ADVICE),
  retryAfterMs: Count.optional(),
  details: z.record(z.string(), z.unknown()).optional(),
})
export type ErrorDetail = z.infer<typeof ErrorDetail>

/** The body of every refused request of `/v1`. */
export const ErrorBody = z.object({ error: ErrorDetail })
export type ErrorBody = z.infer<typeof ErrorBody>
