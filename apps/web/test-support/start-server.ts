import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase } from '../../../packages/server/test-support/test-database.ts'
import { startOwned } from '../../../scripts/owned-process.ts'

const MAIN = join(import.meta.dirname, '../../../packages/server/src/main.ts')
const READY = /Tally is ready at (http:\/\/\S+)/
const START_WITHIN_MS = 90_000

export type TestServer = {
  url: string
  stop(): Promise<void>
}

export type ServerOptions = {
  serverKey?: string
  maxMessageChars?: number
  /** Where its database is; an empty one of its own on the PostgreSQL of this run unless given. */
  databaseUrl?: string
  /** An embedded database instead, as `npm start` has it: with it a server takes three times the work to start. */
  isEmbedded?: boolean
}

/** The whole server in a process of its own, with an empty database, demo people and a free port. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const { databaseUrl, isEmbedded = false } = options
  if (databaseUrl !== undefined) return startOn({ DATABASE_URL: databaseUrl }, options)
  const { options: place, drop } = await createTestDatabase(isEmbedded ? 'pglite' : 'postgres')
  if ('dataDir' in place) return startOn({ DATA_DIR: place.dataDir }, options)
  const server = await startOn({ DATABASE_URL: place.databaseUrl }, options)
  return {
    url: server.url,
    async stop() {
      await server.stop()
      await drop()
    },
  }
}

async function startOn(
  place: { DATABASE_URL: string } | { DATA_DIR: string },
  { serverKey, maxMessageChars }: ServerOptions,
): Promise<TestServer> {
  const { JWT_SECRET: _secret, JWKS_URL: _keys, DATABASE_URL: _database, ...env } = process.env
  const folder = await mkdtemp(join(tmpdir(), 'tally-server-'))
  const server = startOwned(MAIN, {
    env: {
      ...env,
      NODE_ENV: 'test',
      PORT: '0',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'warn',
      // What is not in its database.
      DATA_DIR: folder,
      ...(serverKey === undefined ? {} : { API_KEYS: `host:${serverKey}` }),
      ...(maxMessageChars === undefined ? {} : { MAX_MESSAGE_LENGTH: String(maxMessageChars) }),
      ...place,
    },
  })
  const url = await addressOf(server)
  return {
    url,
    async stop() {
      await stopServer(server)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Where it answers, once it does. */
function addressOf(server: ChildProcessWithoutNullStreams): Promise<string> {
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
      resolve(url)
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
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  server.kill('SIGTERM')
  const timer = setTimeout(() => server.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(timer)
}
