import {
  type ErrorBody,
  type ErrorCode,
  errorDetailOf,
  type MobileError,
  RequestError,
  sentenceOf,
  statusOf,
} from '@tally/protocol'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { HttpApp } from './endpoint-route.ts'

/**
 * Every failure becomes a refusal of the closed set, in the shape its route's clients know. What is not a refusal is a
 * fault of ours: it goes to the log, and only `internal` to the wire.
 */
export function answerErrors(app: HttpApp): void {
  app.setErrorHandler((error, request, reply) => {
    const refusal = refusalFor(error)
    if (statusOf(refusal) >= 500) {
      const level = refusal.code === 'internal' ? 'error' : 'warn'
      request.log[level]({ err: error, req: request, code: refusal.code }, 'a request failed')
    }
    return sendRefusal(request, reply, refusal)
  })
}

export function sendRefusal(
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: RequestError,
): FastifyReply {
  const { retryAfterMs } = refusal
  if (retryAfterMs !== undefined) reply.header('retry-after', Math.max(1, Math.ceil(retryAfterMs / 1_000)))
  reply
    .code(statusOf(refusal))
    .header('x-request-id', request.id)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
  // Serialized here: the route's own schemas describe answers, and there may be no route at all.
  return reply.send(
    JSON.stringify(request.url.startsWith('/api/') ? forInstalledApps(refusal) : forV1(refusal)),
  )
}

function forV1(refusal: RequestError): ErrorBody {
  return { error: errorDetailOf(refusal) }
}

function forInstalledApps(refusal: RequestError): MobileError {
  return { success: false, error: textOf(refusal), errorType: refusal.code }
}

const Issues = z.object({ issues: z.array(z.object({ path: z.string(), message: z.string() })).min(1) })

// These apps show one text: which field was wrong has to be in it.
function textOf(refusal: RequestError): string {
  const message = sentenceOf(refusal)
  const issue = Issues.safeParse(refusal.details).data?.issues[0]
  return issue === undefined ? message : `${message} ${issue.path}: ${issue.message}`
}

const CODE_FOR_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_request',
  404: 'not_found',
  413: 'payload_too_large',
  // An id in the address that is longer than any id.
  414: 'invalid_request',
  415: 'unsupported_media_type',
  431: 'payload_too_large',
}

/** What a client is told of a failure. */
export function refusalFor(error: unknown): RequestError {
  if (error instanceof RequestError) return error
  if (!(error instanceof Error)) return new RequestError('internal')
  const { statusCode, code } = error as FastifyError
  if (code === 'FST_ERR_HANDLER_TIMEOUT') return new RequestError('timeout', { cause: error })
  return new RequestError(CODE_FOR_STATUS[statusCode ?? 500] ?? 'internal', { cause: error })
}
