import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Endpoint, ErrorBody, MobileError, type User, type UserId } from '@tally/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest, RawServerDefault } from 'fastify'
import type { z } from 'zod'
import type { Caller } from '../../actions/context.ts'
import type { SignIn } from '../../core/sign-in.ts'
import type { Logger } from '../../ops/log.ts'

/** A person, or the host's backend by the name of its key. */
export type HttpCaller =
  | {
      readonly kind: 'user'
      readonly userId: UserId
      readonly user: User
      readonly signIn: SignIn
      /** When the token was issued, in ms since 1970. */
      readonly issuedAtMs: number
    }
  | { readonly kind: 'server'; readonly keyName: string }

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `identifyCaller` before the body is read; `null` where anybody may ask. */
    caller: HttpCaller | null
  }
  interface FastifyContextConfig {
    auth?: Endpoint['auth']
    /** Not bounded by the rates of requests. */
    unlimited?: boolean
  }
}

export type HttpApp = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, Logger>

type CallerOf<Auth extends Endpoint['auth']> = {
  none: null
  user: Extract<HttpCaller, { kind: 'user' }>
  server: Extract<HttpCaller, { kind: 'server' }>
  user_or_server: HttpCaller
}[Auth]

type Parsed<E extends Endpoint, Name extends 'params' | 'query' | 'body'> =
  E extends Record<Name, infer S extends z.ZodType> ? Present<z.output<S>> : undefined

/** Optional fields are absent or there; never there and `undefined`. */
type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** One call of an endpoint: who asks for what, everything parsed. */
type Call<E extends Endpoint> = {
  readonly caller: CallerOf<E['auth']>
  readonly params: Parsed<E, 'params'>
  readonly query: Parsed<E, 'query'>
  readonly body: Parsed<E, 'body'>
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** What an endpoint answers with; a reply where it has been sent already (304). */
export type Handler<E extends Endpoint> = (call: Call<E>) => Promise<z.input<E['response']> | FastifyReply>

export type ServeOptions = {
  /** Not bounded by the rates of requests. */
  unlimited?: boolean
  /** Statuses that carry the same answer as the endpoint's own. */
  statuses?: readonly number[]
  /** Most bytes of a body, where it is not JSON. */
  bodyBytes?: number
  /** How long an answer may take, in ms, where that is not what holds for all. */
  handlerTimeoutMs?: number
}

/** Puts an endpoint of the protocol on the server: path, caller, parsing, answer and documentation come from its definition. */
export function serve<E extends Endpoint>(
  app: HttpApp,
  endpoint: E,
  handle: Handler<E>,
  { unlimited = false, statuses = [], bodyBytes, handlerTimeoutMs }: ServeOptions = {},
): void {
  const { method, path, params, query, body, response, status = 200, auth, summary, tag } = endpoint
  app.route({
    method,
    url: path,
    config: { auth, unlimited },
    ...(bodyBytes === undefined ? {} : { bodyLimit: bodyBytes }),
    ...(handlerTimeoutMs === undefined ? {} : { handlerTimeout: handlerTimeoutMs }),
    schema: {
      summary,
      tags: [tag],
      security: SECURITY[auth],
      ...(params === undefined ? {} : { params }),
      ...(query === undefined ? {} : { querystring: query }),
      ...(body === undefined ? {} : { body }),
      response: {
        ...Object.fromEntries([status, ...statuses].map((one) => [one, response])),
        default: {
          description: 'A refusal',
          content: { 'application/json': { schema: path.startsWith('/api/') ? MobileError : ErrorBody } },
        },
      },
    },
    handler: (request, reply) => {
      reply.code(status)
      // The validator compiler has run the endpoint's own schemas over these, and `identifyCaller` its rule of access.
      const call = { ...pick(request), request, reply } as unknown as Call<E>
      return handle(call)
    },
  })
}

function pick({ caller, params, query, body }: FastifyRequest) {
  return { caller, params: present(params), query: present(query), body: present(body) }
}

function present(fields: unknown): unknown {
  if (typeof fields !== 'object' || fields === null) return undefined
  if (!Object.values(fields).includes(undefined)) return fields
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

const SECURITY: Readonly<Record<Endpoint['auth'], Record<string, string[]>[]>> = {
  none: [],
  user: [{ token: [] }],
  server: [{ serverKey: [] }],
  user_or_server: [{ token: [] }, { serverKey: [] }],
}

/** The answer of endpoints that have nothing to tell. */
export const DONE = { ok: true } as const

/** Who acts, for actions that the host's backend may do as nobody. */
export function personOrServer(caller: HttpCaller): Caller | null {
  return caller.kind === 'user' ? caller : null
}
