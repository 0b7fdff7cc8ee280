import { type Endpoint, HEADERS, RequestError } from '@tally/protocol'
import type { FastifyRequest } from 'fastify'
import type { TokenBuckets } from '../../core/rate-limit.ts'
import type { Identity } from '../identity.ts'
import type { HttpApp, HttpCaller } from './endpoint-route.ts'

export type RequestRates = {
  readonly users: TokenBuckets
  readonly addresses: TokenBuckets
}

/**
 * Finds out who asks before anything of the body is read, and bounds how often: a person by who they are, everybody
 * else by their address, failed attempts to be somebody included. The host's backend is trusted and not bounded.
 */
export function identifyCallers(
  app: HttpApp,
  options: { identity: Identity; rates: RequestRates; now: () => number },
) {
  const { identity, rates, now } = options
  app.decorateRequest('caller', null)
  app.addHook('onRequest', async (request) => {
    const { auth = 'none', unlimited = false } = request.routeOptions.config
    if (unlimited) return
    if (auth === 'none') {
      take(rates.addresses, request.ip, now())
      return
    }
    try {
      request.caller = await callerOf(request, auth, identity)
    } catch (error) {
      take(rates.addresses, request.ip, now())
      throw error
    }
    if (request.caller.kind === 'user') take(rates.users, request.caller.userId, now())
  })
}

function take(buckets: TokenBuckets, key: string, nowMs: number): void {
  const rate = buckets.take(key, nowMs)
  if (!rate.ok) throw new RequestError('rate_limited', { retryAfterMs: rate.retryAfterMs })
}

async function callerOf(
  request: FastifyRequest,
  auth: Exclude<Endpoint['auth'], 'none'>,
  identity: Identity,
): Promise<HttpCaller> {
  const key = request.headers[HEADERS.apiKey]
  if (auth === 'server' || (auth === 'user_or_server' && key !== undefined)) {
    return { kind: 'server', keyName: identity.authenticateServer(typeof key === 'string' ? key : undefined) }
  }
  const { userId, user, signIn, issuedAtMs } = await identity.authenticate(
    bearerToken(request.headers.authorization),
  )
  return { kind: 'user', userId, user, signIn, issuedAtMs }
}

function bearerToken(header: string | undefined): string {
  const token = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1]
  if (token === undefined) throw new RequestError('unauthorized')
  return token
}
