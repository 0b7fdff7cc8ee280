import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import { HEADERS } from '@tally/protocol'
import { isOriginAllowed } from '../socket/origin.ts'
import type { HttpApp } from './endpoint-route.ts'

/** How long a browser may remember that an origin may ask. */
const PREFLIGHT_TTL_S = 600

/** Headers that keep a browser from doing with our answers what they are not for, and let allowed origins read them. */
export async function protectAnswers(
  app: HttpApp,
  { allowedOrigins }: { allowedOrigins: readonly string[] },
): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        // Faces of people come from wherever the host keeps them.
        imgSrc: ["'self'", 'data:', 'blob:', 'https:'],
        // Positions of lists are styles of elements; there is no style from anywhere else.
        styleSrc: ["'self'", "'unsafe-inline'"],
        // Older Safari does not count a socket to the own origin as 'self'.
        connectSrc: ["'self'", 'ws:', 'wss:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'self'"],
      },
    },
    // Whether the whole site is on TLS is known to the proxy that ends it.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'sameorigin' },
  })
  await app.register(cors, {
    origin: (origin, answer) =>
      answer(
        null,
        origin !== undefined && isOriginAllowed({ origin, host: undefined, allowed: allowedOrigins }),
      ),
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'if-none-match', HEADERS.apiKey],
    exposedHeaders: ['etag', 'retry-after', 'x-request-id', HEADERS.nextPollMs, HEADERS.activeUsers],
    // Nothing here looks at cookies; a page that sends them all the same may read its answers if it is named.
    credentials: !allowedOrigins.includes('*'),
    maxAge: PREFLIGHT_TTL_S,
  })
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })
}
