import { type ErrorCode, RequestError } from '@tally/protocol'

/** What the host's token function threw, say, is no refusal. Its words are all that tells a developer what is wrong. */
export function faultFrom(error: unknown): RequestError {
  if (error instanceof RequestError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new RequestError('unavailable', { message, cause: error })
}

/** Nobody answered, or something that is not the server: another transport may fare better. */
export function isFault({ code, retryAfterMs }: RequestError): boolean {
  return (code === 'unavailable' || code === 'timeout') && retryAfterMs === undefined
}

/** The server will not have this person, or this page, whatever they show: coming back by itself would be wrong. */
export function isFinal({ code }: RequestError): boolean {
  return FINAL.includes(code)
}

const FINAL: readonly ErrorCode[] = ['session_revoked', 'api_key_required', 'forbidden', 'origin_not_allowed']
