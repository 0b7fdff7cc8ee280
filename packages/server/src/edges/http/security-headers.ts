import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import cors from '@fastify/cors'
import { HEADERS } from '@tally/protocol'
import helmet from 'helmet'
import { isOriginAllowed } from '../socket/origin.ts'
import type { HttpApp } from './endpoint-route.ts'

/** How long a browser may remember that an origin may ask. */
const PREFLIGHT_TTL_S = 600

/** What helmet says of every answer is always the same: it is asked once, because it puts the policy together anew each time. */
export const HEADERS_OF_ALL = headersOf(
  helmet({
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
  }),
)

/** Headers that keep a browser from doing with our answers what they are not for, and let allowed origins read them. */
export async function protectAnswers(
  app: HttpApp,
  { allowedOrigins }: { allowedOrigins: readonly string[] },
): Promise<void> {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(HEADERS_OF_ALL)
    done()
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
}

function headersOf(middleware: ReturnType<typeof helmet>) {
  const request = new IncomingMessage(new Socket())
  const answer = new ServerResponse(request)
  middleware(request, answer, (error) => {
    if (error !== undefined) throw error
  })
  return { ...answer.getHeaders(), 'cache-control': 'no-store' }
}
