import { existsSync } from 'node:fs'
import { join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { HttpApp } from './endpoint-route.ts'

/** Addresses of the page itself: each shows `index.html`, which looks at the address. */
const PAGES = ['/', '/demo', '/design', '/r/:roomId', '/r/:roomId/:seq']

const NOT_BUILT = 'The web page is not built. Run "npm run build", then start again.\n'

/** The web page, as built: files with a hash in their name for ever, the page itself always fresh. */
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
  for (const url of PAGES) {
    app.get(url, { schema: { hide: true } }, (_request, reply) =>
      built
        ? reply.sendFile('index.html')
        : reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT),
    )
  }
}

function cachingOf(path: string): string {
  return path.includes(`${sep}assets${sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache'
}
