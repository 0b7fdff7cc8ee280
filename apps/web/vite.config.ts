import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig, type Plugin } from 'vite'

/** Where `npm start` listens: `vite dev` hands everything that is not the page on to it. */
const SERVER = 'http://localhost:5004'

/** Files of `public` without which the page would not look right. */
const ALWAYS = ['/', '/before-paint.js', '/favicon.svg', '/manifest.webmanifest']

export default defineConfig({
  plugins: [react(), tailwindcss(), serviceWorker(), packed()],
  // Packages of this repository are read as their sources, not as what was built of them to be published.
  resolve: { conditions: ['@tally/source', ...defaultClientConditions] },
  build: {
    target: 'es2022',
    // Parts of the face are small enough to be inlined as data: addresses, which the page's policy does not allow.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // What every page needs, in one file: many small ones are packed worse, and each is a request.
            {
              name: 'base',
              test: /\/node_modules\/(?:react|react-dom|scheduler|i18next|react-i18next)\//,
            },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/v1': SERVER,
      '/dev': SERVER,
      '/health': SERVER,
      '/socket.io': { target: SERVER, ws: true },
    },
  },
})

/** Puts the names of what was built into the service worker: scripts and styles, not the hundred parts of the face. */
function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    generateBundle(_options, bundle) {
      const built = Object.keys(bundle).filter((name) => /\.(?:js|css)$/.test(name))
      const files = [...ALWAYS, ...built.map((name) => `/${name}`).sort()]
      const page = readFileSync(join(import.meta.dirname, 'index.html'))
      const version = createHash('sha256').update(files.join()).update(page).digest('hex').slice(0, 12)
      const source = readFileSync(join(import.meta.dirname, 'service-worker.js'), 'utf8')
      this.emitFile({
        type: 'asset',
        fileName: 'sw.js',
        source: source.replace('__SHELL__', JSON.stringify({ version, files })),
      })
    },
  }
}

/** Puts a packed copy beside every text that was built: the server hands it to browsers that can unpack it. */
function packed(): Plugin {
  return {
    name: 'packed',
    apply: 'build',
    writeBundle({ dir }) {
      if (dir === undefined) throw new Error('the page is built into a folder')
      for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
        const file = join(dir, name)
        if (!/\.(?:js|css|html|svg|webmanifest)$/.test(name) || !statSync(file).isFile()) continue
        const text = readFileSync(file)
        const size = { [constants.BROTLI_PARAM_SIZE_HINT]: text.length }
        writeFileSync(`${file}.br`, brotliCompressSync(text, { params: size }))
        writeFileSync(`${file}.gz`, gzipSync(text, { level: 9 }))
      }
    },
  }
}
