import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { inMemory } from '../../../packages/server/test-support/test-database.ts'

const MAIN = join(import.meta.dirname, '../../../packages/server/src/main.ts')
const READY = /Tally is ready at (http:\/\/\S+)/
const START_WITHIN_MS = 90_000

export type TestServer = { url: string; stop(): Promise<void> }

/** The whole server as `npm start` runs it: a process of its own, an empty database (its own unless given), demo people, a free port. */
export function startServer(
  place: { databaseUrl?: string; serverKey?: string; maxMessageChars?: number } = {},
): Promise<TestServer> {
  const { JWT_SECRET: _secret, JWKS_URL: _keys, DATABASE_URL: _database, ...env } = process.env
  const server = spawn(process.execPath, [MAIN], {
    env: {
      ...env,
      NODE_ENV: 'test',
      PORT: '0',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'warn',
      ...(place.serverKey === undefined ? {} : { API_KEYS: `host:${place.serverKey}` }),
      ...(place.maxMessageChars === undefined ? {} : { MAX_MESSAGE_LENGTH: String(place.maxMessageChars) }),
      ...(place.databaseUrl === undefined ? { DATA_DIR: inMemory() } : { DATABASE_URL: place.databaseUrl }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return new Promise((resolve, reject) => {
    let output = ''
    const timer = setTimeout(() => {
      server.kill('SIGKILL')
      reject(new Error(`the server did not start in time:\n${output}`))
    }, START_WITHIN_MS)
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      const url = READY.exec(output)?.[1]
      if (url === undefined) return
      clearTimeout(timer)
      resolve({ url, stop: () => stopServer(server) })
    }
    server.stdout.on('data', read)
    server.stderr.on('data', read)
    server.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`the server ended with ${code}:\n${output}`))
    })
  })
}

async function stopServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  server.kill('SIGTERM')
  const timer = setTimeout(() => server.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(timer)
}
