import type { Endpoint, EndpointRequest, EndpointResponse, v1 } from '@tally/protocol'

type V1 = typeof v1
type RouteOf<E extends Endpoint> = `${E['method']} ${E['path']}`
type Endpoints = { [K in keyof V1 as RouteOf<V1[K]>]: V1[K] }

/**
 * A request of the native HTTP API, by its method and path. Only a type: the protocol's own table carries schemas, and
 * with them a library as large as this client.
 */
export type Route = keyof Endpoints
/** What a request is made of. */
export type RequestOf<R extends Route> = EndpointRequest<Endpoints[R]>
/** What it is answered with. */
export type AnswerOf<R extends Route> = EndpointResponse<Endpoints[R]>
