import type { ErrorCode } from './error-codes.ts'
import type { ErrorDetail } from './error-detail.ts'
import { type RequestError, wordsOf } from './request-error.ts'

type Refusal = { readonly status: number; readonly message: string }

/**
 * How a server answers with each code: the HTTP status, and a sentence in English. Apart from the codes, because to clients
 * it comes with the answer, and would only be weight.
 */
export const REFUSALS: { readonly [C in ErrorCode]: Refusal } = {
  invalid_request: refusal(400, 'The request is malformed.'),
  invalid_cursor: refusal(400, 'This cursor is not valid here. Start from the first page.'),
  message_empty: refusal(400, 'A message needs a text.'),
  message_too_long: refusal(400, 'The message is too long.'),
  message_malformed: refusal(400, 'The message contains characters that are not text.'),
  unauthorized: refusal(401, 'A valid token is required.'),
  token_expired: refusal(401, 'The token has expired.'),
  token_not_yet_valid: refusal(401, 'The token is not valid yet.'),
  session_revoked: refusal(401, 'This session was ended. Sign in again.'),
  api_key_required: refusal(401, 'This request needs a server key.'),
  forbidden: refusal(403, 'You may not do this.'),
  origin_not_allowed: refusal(403, 'Requests from this origin are not allowed.'),
  blocked: refusal(403, 'One of you has blocked the other.'),
  not_found: refusal(404, 'There is nothing at this address.'),
  method_not_allowed: refusal(405, 'This address does not take that method.'),
  room_not_found: refusal(404, 'There is no such room.'),
  message_not_found: refusal(404, 'There is no such message.'),
  user_not_found: refusal(404, 'There is no such person.'),
  attachment_not_found: refusal(404, 'There is no such file.'),
  offset_conflict: refusal(409, 'The upload is at another place.'),
  attachment_in_use: refusal(409, 'This file belongs to another message.'),
  client_id_conflict: refusal(409, 'This clientId was already used for another message.'),
  room_key_conflict: refusal(409, 'This key already belongs to a room with other people.'),
  preferences_conflict: refusal(409, 'Another device has changed this meanwhile.'),
  limit_exceeded: refusal(409, 'A limit would be exceeded.'),
  payload_too_large: refusal(413, 'The request is too large.'),
  attachment_refused: refusal(415, 'Files of this kind are not taken.'),
  unsupported_media_type: refusal(415, 'Send JSON.'),
  rate_limited: refusal(429, 'Too many requests. Slow down.'),
  too_many_connections: refusal(429, 'Too many connections.'),
  internal: refusal(500, 'Something went wrong on our side.'),
  not_supported: refusal(501, 'This server does not support that.'),
  overloaded: refusal(503, 'The server is busy. Try again shortly.'),
  storage_unavailable: refusal(503, 'Nothing can be stored right now. Nothing was lost; try again.'),
  unavailable: refusal(503, 'The service is not available right now.'),
  timeout: refusal(504, 'No answer came in time.'),
}

/** The HTTP status that goes with a refusal. */
export function statusOf({ code }: RequestError): number {
  return REFUSALS[code].status
}

/** What a server says of a refusal: the code's sentence, unless something more exact was said. */
export function sentenceOf({ code, message }: RequestError): string {
  return message === wordsOf(code) ? REFUSALS[code].message : message
}

/** A refusal as a server sends it: `{ error }` over HTTP, `{ ok: false, error }` over the socket. */
export function errorDetailOf(refusal: RequestError): ErrorDetail {
  return { ...refusal.toJSON(), message: sentenceOf(refusal) }
}

function refusal(status: number, message: string): Refusal {
  return { status, message }
}
