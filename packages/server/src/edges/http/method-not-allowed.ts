import { type Endpoint, mobileEndpoints, RequestError, v1, webAppEndpoints } from '@tally/protocol'
import type { HttpApp } from './endpoint-route.ts'
import { sendRefusal } from './error-answer.ts'

const METHODS: readonly Endpoint['method'][] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** An address that exists answers a method it does not take with 405 and those it takes. To be called last. */
export function refuseOtherMethods(app: HttpApp): void {
  const endpoints: Endpoint[] = [v1, mobileEndpoints, webAppEndpoints].flatMap((set) => Object.values(set))
  for (const url of new Set(endpoints.map(({ path }) => path))) {
    const taken = METHODS.filter((method) => app.hasRoute({ method, url }))
    // Not served here (the development login in production): as if it did not exist.
    if (taken.length === 0) continue
    app.route({
      method: METHODS.filter((method) => !taken.includes(method)),
      url,
      schema: { hide: true },
      handler: (request, reply) => {
        reply.header('allow', taken.join(', '))
        return sendRefusal(request, reply, new RequestError('method_not_allowed'))
      },
    })
  }
}
