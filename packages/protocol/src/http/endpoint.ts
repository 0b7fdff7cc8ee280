import type { z } from 'zod'

/**
 * Who may call: anybody, a person with a token, the host's backend with a key, or either of the last two.
 * A backend acts on behalf of nobody: where an action needs a person, it is `user`.
 */
export type EndpointAuth = 'none' | 'user' | 'server' | 'user_or_server'

/** One request of the HTTP API: servers register it, clients type their calls by it, the documentation is made of it. */
export type Endpoint = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Fastify's notation: `/v1/rooms/:roomId`. */
  readonly path: `/${string}`
  readonly auth: EndpointAuth
  readonly summary: string
  readonly tag: string
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  readonly response: z.ZodType
  /** 200 unless something is made. */
  readonly status?: 201
}

type Input<S> = S extends z.ZodType ? z.input<S> : never

type Part<E extends Endpoint, Name extends 'params' | 'query' | 'body'> =
  E extends Record<Name, z.ZodType>
    ? object extends Input<E[Name]>
      ? { [N in Name]?: Input<E[Name]> }
      : { [N in Name]: Input<E[Name]> }
    : { [N in Name]?: never }

/** What a client gives for a call: `params`, `query` and `body`, each only where the endpoint has it. */
export type EndpointRequest<E extends Endpoint> = Part<E, 'params'> & Part<E, 'query'> & Part<E, 'body'>

/** What a client gets. */
export type EndpointResponse<E extends Endpoint> = z.output<E['response']>

type Scalar = string | number | boolean

/**
 * The path and query of a call, encoded. Written by hand because `URLSearchParams` is incomplete in React Native.
 * @throws Error when a parameter of the path is missing: a bug of the caller.
 */
export function endpointUrl(
  endpoint: { readonly path: string },
  request: {
    params?: Readonly<Record<string, Scalar>> | undefined
    query?: Readonly<Record<string, Scalar | undefined>> | undefined
  } = {},
): string {
  const path = endpoint.path.replace(/:([A-Za-z]+)/g, (_, name: string) => {
    const value = request.params?.[name]
    if (value === undefined) throw new Error(`${endpoint.path} needs ${name}`)
    return encodeURIComponent(value)
  })
  const query = Object.entries(request.query ?? {})
    .filter((entry): entry is [string, Scalar] => entry[1] !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
  return query.length === 0 ? path : `${path}?${query.join('&')}`
}
