import { describe, expect, test } from 'vitest'
import {
  ERROR_CODES,
  ErrorBody,
  type ErrorCode,
  errorDetailOf,
  isErrorCode,
  parseRequest,
  REFUSALS,
  RETRY_ADVICE,
  RequestError,
  requestErrorFrom,
  SendMessagePayload,
  statusOf,
} from '../src/index.ts'

const codes = Object.keys(ERROR_CODES) as ErrorCode[]

/** The error that `run` must throw. */
function thrownBy(run: () => unknown): RequestError {
  try {
    run()
  } catch (error) {
    if (error instanceof RequestError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('the closed set of refusals', () => {
  test('is exactly this', () => {
    expect([...codes].sort()).toEqual([
      'api_key_required',
      'attachment_in_use',
      'attachment_not_found',
      'attachment_refused',
      'blocked',
      'client_id_conflict',
      'forbidden',
      'internal',
      'invalid_cursor',
      'invalid_request',
      'limit_exceeded',
      'message_empty',
      'message_malformed',
      'message_not_found',
      'message_too_long',
      'method_not_allowed',
      'not_found',
      'not_supported',
      'offset_conflict',
      'origin_not_allowed',
      'overloaded',
      'payload_too_large',
      'preferences_conflict',
      'rate_limited',
      'room_key_conflict',
      'room_not_found',
      'session_revoked',
      'storage_unavailable',
      'timeout',
      'token_expired',
      'token_not_yet_valid',
      'too_many_connections',
      'unauthorized',
      'unavailable',
      'unsupported_media_type',
      'user_not_found',
    ])
  })

  test.each(codes)('%s has a refusing status, an advice and a sentence', (code) => {
    const { status, message } = REFUSALS[code]
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(600)
    expect(RETRY_ADVICE).toContain(ERROR_CODES[code])
    expect(message).toMatch(/^[A-Z].*\.$/)
  })

  test('advises to repeat later what was refused for lack of capacity, and only that', () => {
    const busy = codes.filter((code) => [429, 503, 504].includes(REFUSALS[code].status))
    const later = codes.filter((code) => ERROR_CODES[code] === 'later')
    expect(later.sort()).toEqual([...busy, 'token_not_yet_valid'].sort())
  })

  test.each(['toString', '__proto__', 'constructor', '', undefined, 404])('does not hold %s', (value) => {
    expect(isErrorCode(value)).toBe(false)
  })
})

describe('a refusal', () => {
  test('is written as the protocol says', () => {
    const error = new RequestError('overloaded', { retryAfterMs: 250.4, details: { queue: 'sends' } })
    const body = ErrorBody.parse(JSON.parse(JSON.stringify({ error: errorDetailOf(error) })))
    expect(body).toEqual({
      error: {
        code: 'overloaded',
        message: REFUSALS.overloaded.message,
        retry: 'later',
        retryAfterMs: 251,
        details: { queue: 'sends' },
      },
    })
    expect(statusOf(error)).toBe(503)
  })

  test('has no empty fields and never shows its cause', () => {
    const error = new RequestError('internal', { cause: new Error('password=hunter2') })
    expect(JSON.parse(JSON.stringify(errorDetailOf(error)))).toEqual({
      code: 'internal',
      message: REFUSALS.internal.message,
      retry: 'never',
    })
  })

  test('that a server words more exactly keeps those words', () => {
    const error = new RequestError('forbidden', { message: 'Only the owner may do this.' })
    expect(errorDetailOf(error).message).toBe('Only the owner may do this.')
  })

  test('of a client’s own is called by its code', () => {
    expect(new RequestError('message_too_long').message).toBe('message too long')
  })

  test.each(codes)('%s survives the wire', (code) => {
    const sent = new RequestError(code, { message: 'because', retryAfterMs: 5, details: { a: 1 } })
    const received = requestErrorFrom(JSON.parse(JSON.stringify(sent)))
    expect(received.toJSON()).toEqual(sent.toJSON())
  })

  test.each(RETRY_ADVICE)('with a code from the future keeps its advice: %s', (retry) => {
    const received = requestErrorFrom({ code: 'invented_later', message: 'Hm.', retry })
    expect(received.retry).toBe(retry)
    expect(received.message).toBe('Hm.')
  })

  test.each([null, '70', '', true, [], -1, Number.NaN])('with a wait of %j has none', (retryAfterMs) => {
    const received = requestErrorFrom({ code: 'overloaded', message: 'Hm.', retry: 'later', retryAfterMs })
    expect(received.retryAfterMs).toBeUndefined()
  })

  test.each([1e300, 2 ** 31, Number.POSITIVE_INFINITY])(
    'with a wait of %d makes nobody wait for ever',
    (retryAfterMs) => {
      const received = requestErrorFrom({ code: 'overloaded', message: 'Hm.', retry: 'later', retryAfterMs })
      expect(received.retryAfterMs).toBe(3_600_000)
    },
  )

  test.each([undefined, null, '<html>502</html>', {}, { code: 'internal' }, []])(
    'that is no refusal at all (%j) may be repeated later',
    (value) => expect(requestErrorFrom(value).code).toBe('unavailable'),
  )
})

describe('an invalid request', () => {
  test('names the field and the rule, not what was sent', () => {
    const error = thrownBy(() =>
      parseRequest(SendMessagePayload, { roomId: 'se\u0000cret', message: 'secret' }),
    )
    expect(error.code).toBe('invalid_request')
    expect(error.details).toEqual({
      issues: [
        { path: 'roomId', message: 'must not contain control characters or half of a surrogate pair' },
      ],
    })
    expect(JSON.stringify(error)).not.toContain('cret"')
  })

  test('reports a few issues, however many there are', () => {
    const error = thrownBy(() =>
      parseRequest(
        SendMessagePayload.array(),
        Array.from({ length: 1_000 }, () => ({})),
      ),
    )
    expect(error.details?.['issues']).toHaveLength(5)
  })
})
