import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// Where Tally runs; the app and Tally share one address, so no origin has to be allowed.
const tally = process.env['TALLY_URL'] ?? 'http://localhost:5004'
const proxy = { '/v1': tally, '/dev': tally, '/socket.io': { target: tally, ws: true } }

export default defineConfig({ plugins: [react()], server: { proxy }, preview: { proxy } })
