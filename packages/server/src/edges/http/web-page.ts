import { existsSync } from 'node:fs'
import { join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import { RequestError } from '@tally/protocol'
import type { FastifyRequest } from 'fastify'
import type { HttpApp } from './endpoint-route.ts'
import { sendRefusal } from './error-answer.ts'

/** Addresses of the page itself, also with a slash at the end: each shows `index.html`, which looks at the address. */
const PAGES = ['/', '/demo', '/design', '/r/:roomId', '/r/:roomId/:seq']

/** Below these are addresses of programs, whoever asks. */
const FOR_PROGRAMS = /^\/(v1|api|dev)\//

const NOT_BUILT = 'The web page is not built. Run "npm run build", then start again.\n'

/**
 * The web page, as built: files with a hash in their name for ever, the page itself always fresh. What no other route
 * takes ends here, too.
 */
export async function serveWebPage(app: HttpApp, webDir: string): Promise<void> {
  const built = existsSync(join(webDir, 'index.html'))
  if (built) {
    await app.register(fastifyStatic, {
      root: webDir,
      index: false,
      // Only files that are there at the start: no address is ever turned into a path.
      wildcard: false,
      cacheControl: false,
      // The build packs its texts (Brotli, gzip) once and for all: nothing is packed while somebody waits.
      preCompressed: true,
      setHeaders: (reply, path) => {
        reply.header('cache-control', cachingOf(path))
      },
    })
  }
  for (const url of PAGES.flatMap((page) => (page === '/' ? page : [page, `${page}/`]))) {
    app.get(url, { schema: { hide: true } }, (_request, reply) =>
      built
        ? reply.sendFile('index.html')
        : reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT),
    )
  }
  app.setNotFoundHandler((request, reply) => {
    if (!built || !isPersonLooking(request)) return sendRefusal(request, reply, new RequestError('not_found'))
    // Without validators: a browser that asked "changed since?" would be told no, and show nothing.
    return reply
      .code(404)
      .header('vary', 'accept')
      .sendFile('index.html', { etag: false, lastModified: false })
  })
}

/** Somebody who goes to an address in a browser is shown the page, which says that nothing is there. */
function isPersonLooking({ method, url, headers }: FastifyRequest): boolean {
  return method === 'GET' && !FOR_PROGRAMS.test(url) && headers.accept?.includes('text/html') === true
}

function cachingOf(path: string): string {
  return path.includes(`${sep}assets${sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache'
}
