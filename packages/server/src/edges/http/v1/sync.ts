import { HEADERS, RequestError, v1 } from '@tally/protocol'
import type { FastifyReply } from 'fastify'
import type { ActionContext } from '../../../actions/context.ts'
import { explainBadge } from '../../../actions/explain-badge.ts'
import { markAllRead } from '../../../actions/mark-all-read.ts'
import { markDelivered } from '../../../actions/mark-delivered.ts'
import type { PollHint } from '../../../actions/poll-hint.ts'
import { pollSync } from '../../../actions/poll-sync.ts'
import { readBadge } from '../../../actions/read-badge.ts'
import { DONE, type HttpApp, serve } from '../endpoint-route.ts'

export function serveSync(app: HttpApp, ctx: ActionContext): void {
  serve(app, v1.sync, async ({ caller, query, request, reply }) => {
    const { wait, ...position } = query
    const outcome = await pollSync(ctx, caller, {
      ...position,
      ...(wait === undefined ? {} : { wait: { ms: wait * 1_000, signal: request.signal } }),
      ifNoneMatch: request.headers['if-none-match'],
    })
    // The answer is one person's: a shared cache must not keep it, a browser must ask every time.
    reply.header('cache-control', 'private, no-cache').header('etag', outcome.etag)
    if (outcome.kind === 'answer') {
      hint(reply, outcome.answer)
      return outcome.answer
    }
    hint(reply, outcome)
    return reply.code(304).send()
  })
  serve(app, v1.readBadge, async ({ caller }) => readBadge(ctx, caller))
  serve(app, v1.explainBadge, async ({ caller, query: { userId, ...page } }) => {
    if (caller.kind === 'user') {
      if (userId !== undefined && userId !== caller.userId) throw new RequestError('forbidden')
      return explainBadge(ctx, { ...page, userId: caller.userId })
    }
    if (userId === undefined) {
      throw new RequestError('invalid_request', {
        message: 'With a server key, userId says whose badge it is.',
      })
    }
    return explainBadge(ctx, { ...page, userId })
  })
  serve(app, v1.markDelivered, async ({ caller, body }) => {
    await markDelivered(ctx, caller, body)
    return DONE
  })
  serve(app, v1.markAllRead, async ({ caller }) => {
    await markAllRead(ctx, caller)
    return DONE
  })
}

function hint(reply: FastifyReply, { nextPollMs, activeUsers }: PollHint): void {
  reply.header(HEADERS.nextPollMs, nextPollMs).header(HEADERS.activeUsers, activeUsers)
}
