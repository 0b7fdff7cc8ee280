import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import Fastify, { LogController, type RawServerDefault } from 'fastify'
import type { ActionContext, Limits } from '../../actions/context.ts'
import { TokenBuckets } from '../../core/rate-limit.ts'
import type { NodeHealth } from '../../ops/health.ts'
import type { Logger } from '../../ops/log.ts'
import type { ProxyTrust } from '../client-address.ts'
import type { DevelopmentLogin } from '../development-login.ts'
import type { Identity } from '../identity.ts'
import { serveDevelopment } from './development.ts'
import { serveDocumentation } from './documentation.ts'
import type { HttpApp } from './endpoint-route.ts'
import { answerErrors, refusalFor, sendRefusal } from './error-answer.ts'
import { serveHealth } from './health.ts'
import { identifyCallers } from './identify-caller.ts'
import { refuseOtherMethods } from './method-not-allowed.ts'
import { serveMobileApp } from './mobile.ts'
import { parseRequests } from './request-parsing.ts'
import { HEADERS_OF_ALL, protectAnswers } from './security-headers.ts'
import { serveV1 } from './v1/v1.ts'
import { serveWebApp } from './web-app.ts'
import { serveWebPage } from './web-page.ts'

export type HttpAppOptions = {
  ctx: ActionContext
  identity: Identity
  health: NodeHealth
  log: Logger
  /** Pages of other origins that may ask; `*` for every one. */
  allowedOrigins: readonly string[]
  trustProxy: ProxyTrust
  /** The built page; a hint how to build it is served where it is missing. */
  webDir: string
  version: string
  /** Present only in development: then anybody may become anybody. */
  developmentLogin?: DevelopmentLogin | undefined
  /** Told of every answer; `route` is the pattern. */
  onAnswer?: (answer: { route: string; method: string; status: number; durationMs: number }) => void
}

/** Time to send a request: slower senders hold a connection for nothing. */
const REQUEST_TIMEOUT_MS = 15_000
/** Above the longest poll, below the minute after which common balancers give up. */
const HANDLER_TIMEOUT_MS = 45_000
/** Above the keep-alive of common balancers, so that they close first and never use a connection just closed here. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000
/** How long answers may take once the server closes; as long as what a socket started. */
const CLOSE_WITHIN_MS = 5_000
/** An id of the longest length in any script, encoded. */
const PATH_PARAMETER_CHARS = 2_048

/**
 * Everything that is spoken over HTTP, as one Fastify application that is not listening yet: `app.server` is where
 * Socket.IO attaches, so that both share the port.
 */
export async function createHttpApp(options: HttpAppOptions): Promise<HttpApp> {
  const { ctx, identity, log, trustProxy } = options
  const app = Fastify<RawServerDefault, IncomingMessage, ServerResponse, Logger>({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    // No hook runs for these.
    frameworkErrors: (error, request, reply) =>
      sendRefusal(request, reply.headers(HEADERS_OF_ALL), refusalFor(error)),
    // A log of its own for each request costs more than most requests say: lines about one carry it as `req`.
    childLoggerFactory: (all) => all,
    genReqId: () => randomUUID(),
    bodyLimit: ctx.limits.frameBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    handlerTimeout: HANDLER_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    trustProxy,
    routerOptions: { maxParamLength: PATH_PARAMETER_CHARS },
  })
  parseRequests(app)
  answerErrors(app)
  await protectAnswers(app, options)
  tellAnswers(app, options)
  endConnectionsOnClose(app)
  identifyCallers(app, { identity, rates: requestRates(ctx.limits), now: ctx.now })
  await serveDocumentation(app, options.version)
  await serveWebPage(app, options.webDir)
  await serveV1(app, ctx)
  serveMobileApp(app, ctx)
  serveWebApp(app, ctx)
  serveHealth(app, options.health)
  const { developmentLogin: login } = options
  if (login !== undefined) serveDevelopment(app, { ctx, identity, login })
  refuseOtherMethods(app)
  await app.ready()
  return app
}

/**
 * Once the server closes, a connection ends with the answer that is under way on it: kept alive, it would hold the
 * server back for as long as its client likes. One on which nothing is answered soon, because its client never sent the
 * rest of a request, is cut off: the timeouts of requests end with the closing.
 */
function endConnectionsOnClose(app: HttpApp): void {
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
    // Harmless where all have closed by then, and nothing to wait for.
    setTimeout(() => app.server.closeAllConnections(), CLOSE_WITHIN_MS).unref()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (isClosing) reply.header('connection', 'close')
    done(null, payload)
  })
  // Those whose answer had begun before.
  app.addHook('onResponse', (_request, _reply, done) => {
    if (isClosing) setImmediate(() => app.server.closeIdleConnections())
    done()
  })
}

function requestRates(limits: Limits) {
  const { requestsPerSecond, requestBurst, requestsPerSecondPerAddress: perAddress } = limits
  return {
    users: new TokenBuckets({ perSecond: requestsPerSecond, burst: requestBurst }),
    addresses: new TokenBuckets({ perSecond: perAddress, burst: perAddress }),
  }
}

function tellAnswers(app: HttpApp, { onAnswer }: HttpAppOptions): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request
    const answer = { method, route: routeOptions.url ?? 'unknown', status: reply.statusCode }
    request.log.debug({ req: request, ...answer, durationMs: reply.elapsedTime }, 'answered')
    // What was done in the host's name stands in the log: which of its keys, to what, and how it ended.
    if (request.caller?.kind === 'server' && method !== 'GET') {
      request.log.info({ req: request, keyName: request.caller.keyName, ...answer }, 'done with a server key')
    }
    onAnswer?.({ ...answer, durationMs: reply.elapsedTime })
    done()
  })
}
