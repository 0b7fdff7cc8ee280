import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'

/** Where `npm start` listens: `vite dev` hands everything that is not the page on to it. */
const SERVER = 'http://localhost:5004'

export default defineConfig({
  plugins: [react(), tailwindcss()],
  // Packages of this repository are read as their sources, not as what was built of them to be published.
  resolve: { conditions: ['@tally/source', ...defaultClientConditions] },
  build: {
    target: 'es2022',
    // Parts of the face are small enough to be inlined as data: addresses, which the page's policy does not allow.
    assetsInlineLimit: 0,
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
