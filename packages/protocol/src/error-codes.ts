/**
 * What a client should do with a refusal:
 * - `never`: the same request will be refused again; show it to the person.
 * - `later`: wait (`retryAfterMs`, or back off), then repeat; a send keeps its `clientId`.
 * - `after_auth`: get a fresh token, authenticate, repeat.
 * - `after_resync`: the client's picture is out of date; sync, then decide again.
 */
export const RETRY_ADVICE = ['never', 'later', 'after_auth', 'after_resync'] as const
/** One of the advices above. */
export type RetryAdvice = (typeof RETRY_ADVICE)[number]

/** The closed set of refusals, each with its retry advice. What a server says with them is in `REFUSALS`. */
export const ERROR_CODES = {
  invalid_request: 'never',
  invalid_cursor: 'after_resync',
  message_empty: 'never',
  message_too_long: 'never',
  message_malformed: 'never',
  unauthorized: 'after_auth',
  token_expired: 'after_auth',
  token_not_yet_valid: 'later',
  session_revoked: 'never',
  api_key_required: 'never',
  forbidden: 'never',
  origin_not_allowed: 'never',
  blocked: 'never',
  not_found: 'never',
  method_not_allowed: 'never',
  // The same for a room that does not exist and a stranger's: otherwise the answer would tell which rooms exist.
  room_not_found: 'after_resync',
  message_not_found: 'after_resync',
  user_not_found: 'never',
  attachment_not_found: 'never',
  // details.received says where to go on.
  offset_conflict: 'after_resync',
  attachment_in_use: 'never',
  client_id_conflict: 'never',
  room_key_conflict: 'never',
  // details.rev is the one to follow upon.
  preferences_conflict: 'after_resync',
  limit_exceeded: 'never',
  payload_too_large: 'never',
  attachment_refused: 'never',
  unsupported_media_type: 'never',
  rate_limited: 'later',
  too_many_connections: 'later',
  internal: 'never',
  not_supported: 'never',
  overloaded: 'later',
  storage_unavailable: 'later',
  unavailable: 'later',
  // Nobody knows whether the request took effect: repeating a send with the same clientId settles it.
  timeout: 'later',
} as const satisfies Record<string, RetryAdvice>

/** The name of a refusal. */
export type ErrorCode = keyof typeof ERROR_CODES

/** Whether a string is one of our codes; a newer server may know more than an older client. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_CODES, value)
}
