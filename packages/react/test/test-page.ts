import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import compile from '@vitejs/plugin-react'
import { build, defaultClientConditions, preview } from 'vite'

const SOURCE = join(import.meta.dirname, 'page')

export type ReactVersion = 18 | 19

/** The page of these tests, built from the sources and served on a free port; what is not its own goes to `servers`. */
export async function serveTestPage(servers: { tally: string; host: string }, react: ReactVersion = 19) {
  const folder = await mkdtemp(join(tmpdir(), 'tally-react-page-'))
  await build({
    configFile: false,
    root: SOURCE,
    logLevel: 'error',
    plugins: [compile()],
    resolve: {
      conditions: ['@tally/source', ...defaultClientConditions],
      alias: react === 18 ? { react: 'react-18', 'react-dom': 'react-dom-18' } : {},
    },
    build: { outDir: folder, emptyOutDir: true, target: 'es2022' },
  })
  const server = await preview({
    configFile: false,
    root: SOURCE,
    logLevel: 'error',
    build: { outDir: folder },
    preview: {
      port: 0,
      host: '127.0.0.1',
      proxy: {
        '/v1': servers.tally,
        '/socket.io': { target: servers.tally, ws: true },
        '/host': servers.host,
      },
    },
  })
  const address = server.httpServer.address()
  if (address === null || typeof address === 'string') throw new Error('the page has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
