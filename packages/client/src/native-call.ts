import { type Endpoint, type EndpointRequest, type EndpointResponse, endpointUrl } from '@tally/protocol'
import type { Tally } from './tally.ts'

/** Whoever can ask the server as a person. */
export type Caller = Pick<Tally, 'fetch'>

/** A typed call of an endpoint that the client itself does not need: its code is there only where it is used. */
export async function nativeCall<E extends Endpoint>(
  tally: Caller,
  { method, path }: Pick<E, 'method' | 'path'>,
  request: EndpointRequest<E>,
): Promise<EndpointResponse<E>> {
  const { params, query, body } = request as { params?: Scalars; query?: Scalars; body?: unknown }
  const response = await tally.fetch(endpointUrl({ path }, { params, query }), {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  return (await response.json()) as EndpointResponse<E>
}

type Scalars = Readonly<Record<string, string | number>>
