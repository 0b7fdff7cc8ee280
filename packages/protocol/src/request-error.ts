import { ERROR_CODES, type ErrorCode, isErrorCode, type RetryAdvice } from './error-codes.ts'
import type { ErrorDetail } from './error-detail.ts'

/** What a refusal may say beside its code. */
export type RequestErrorOptions = {
  /** In place of the words of the code; shown to developers, in English. */
  message?: string
  /** How long to wait before `later` makes sense. */
  retryAfterMs?: number | undefined
  /** What exactly was wrong. Never the values that were sent: they may be secrets. */
  details?: Record<string, unknown> | undefined
  cause?: unknown
}

/** A refusal from the closed set. Everything else that is thrown is a bug or a fault, never an answer. */
export class RequestError extends Error {
  readonly code: ErrorCode
  readonly retry: RetryAdvice
  readonly retryAfterMs: number | undefined
  readonly details: Record<string, unknown> | undefined

  constructor(code: ErrorCode, options: RequestErrorOptions = {}) {
    super(options.message ?? wordsOf(code), { cause: options.cause })
    this.name = 'RequestError'
    this.code = code
    this.retry = ERROR_CODES[code]
    this.retryAfterMs = options.retryAfterMs
    this.details = options.details
  }

  /** The shape of the wire, with the words as they are here. */
  toJSON(): ErrorDetail {
    const { code, message, retry, retryAfterMs, details } = this
    return { code, message, retry, retryAfterMs: retryAfterMs && Math.ceil(retryAfterMs), details }
  }
}

/** What a refusal is called where nobody said more: its code, in words. */
export function wordsOf(code: string): string {
  return code.replaceAll('_', ' ')
}

/**
 * The refusal a client received, from an `ErrorDetail` or anything else that came in its place (a proxy's page, a newer
 * server's code). An unknown code keeps its message and becomes the known code that carries the same retry advice.
 */
export function requestErrorFrom(value: unknown): RequestError {
  if (!isErrorDetail(value))
    return new RequestError('unavailable', { message: 'The answer was not understood.' })
  const { code, message, retry, retryAfterMs, details } = value
  return new RequestError(isErrorCode(code) ? code : KNOWN_CODE_FOR[retry], {
    message,
    retryAfterMs: waitIn(retryAfterMs),
    details,
  })
}

/** A proxy's mistake must not keep anybody out for good, nor overflow a timer, which then fires at once. */
const LONGEST_WAIT_MS = 3_600_000

function waitIn(told: unknown): number | undefined {
  return typeof told === 'number' && told >= 0 ? Math.min(told, LONGEST_WAIT_MS) : undefined
}

const KNOWN_CODE_FOR: Record<RetryAdvice, ErrorCode> = {
  never: 'invalid_request',
  later: 'unavailable',
  after_auth: 'unauthorized',
  after_resync: 'room_not_found',
}

/** By hand, because clients need it: with the schema they would have to carry the library of all schemas. */
function isErrorDetail(value: unknown): value is ErrorDetail {
  if (typeof value !== 'object' || value === null) return false
  const { message, retry } = value as Partial<ErrorDetail>
  return typeof message === 'string' && Object.hasOwn(KNOWN_CODE_FOR, String(retry))
}
