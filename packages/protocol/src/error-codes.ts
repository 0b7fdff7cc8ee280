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

type Refusal = { readonly status: number; readonly retry: RetryAdvice; readonly message: string }

/** The closed set of refusals: each with its HTTP status, its retry advice and its message in English. */
export const ERROR_CODES = {
  invalid_request: refusal(400, 'never', 'The request is malformed.'),
  invalid_cursor: refusal(400, 'after_resync', 'This cursor is not valid here. Start from the first page.'),
  message_empty: refusal(400, 'never', 'A message needs a text.'),
  message_too_long: refusal(400, 'never', 'The message is too long.'),
  message_malformed: refusal(400, 'never', 'The message contains characters that are not text.'),

  unauthorized: refusal(401, 'after_auth', 'A valid token is required.'),
  token_expired: refusal(401, 'after_auth', 'The token has expired.'),
  token_not_yet_valid: refusal(401, 'later', 'The token is not valid yet.'),
  session_revoked: refusal(401, 'never', 'This session was ended. Sign in again.'),
  api_key_required: refusal(401, 'never', 'This request needs a server key.'),

  forbidden: refusal(403, 'never', 'You may not do this.'),
  origin_not_allowed: refusal(403, 'never', 'Requests from this origin are not allowed.'),
  blocked: refusal(403, 'never', 'One of you has blocked the other.'),

  not_found: refusal(404, 'never', 'There is nothing at this address.'),
  method_not_allowed: refusal(405, 'never', 'This address does not take that method.'),
  // The same for a room that does not exist and a stranger's: otherwise the answer would tell which rooms exist.
  room_not_found: refusal(404, 'after_resync', 'There is no such room.'),
  message_not_found: refusal(404, 'after_resync', 'There is no such message.'),
  user_not_found: refusal(404, 'never', 'There is no such person.'),

  attachment_not_found: refusal(404, 'never', 'There is no such file.'),

  // details.received says where to go on.
  offset_conflict: refusal(409, 'after_resync', 'The upload is at another place.'),
  attachment_in_use: refusal(409, 'never', 'This file belongs to another message.'),
  client_id_conflict: refusal(409, 'never', 'This clientId was already used for another message.'),
  room_key_conflict: refusal(409, 'never', 'This key already belongs to a room with other people.'),
  limit_exceeded: refusal(409, 'never', 'A limit would be exceeded.'),

  payload_too_large: refusal(413, 'never', 'The request is too large.'),
  attachment_refused: refusal(415, 'never', 'Files of this kind are not taken.'),
  unsupported_media_type: refusal(415, 'never', 'Send JSON.'),
  rate_limited: refusal(429, 'later', 'Too many requests. Slow down.'),
  too_many_connections: refusal(429, 'later', 'Too many connections.'),

  internal: refusal(500, 'never', 'Something went wrong on our side.'),
  not_supported: refusal(501, 'never', 'This server does not support that.'),
  overloaded: refusal(503, 'later', 'The server is busy. Try again shortly.'),
  storage_unavailable: refusal(503, 'later', 'Nothing can be stored right now. Nothing was lost; try again.'),
  unavailable: refusal(503, 'later', 'The service is not available right now.'),
  // Nobody knows whether the request took effect: repeating a send with the same clientId settles it.
  timeout: refusal(504, 'later', 'No answer came in time.'),
} as const satisfies Record<string, Refusal>

/** The name of a refusal. */
export type ErrorCode = keyof typeof ERROR_CODES

/** Whether a string is one of our codes; a newer server may know more than an older client. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_CODES, value)
}

function refusal(status: number, retry: RetryAdvice, message: string): Refusal {
  return { status, retry, message }
}
