import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findPostgres, OLDEST_POSTGRES_MAJOR } from './find-postgres.mjs'

const START_DEADLINE_MS = 30_000
const PROBE_INTERVAL_MS = 50

export interface PostgresCluster {
  /** Of the maintenance database, for a user who may create databases. */
  url: string
  /** Stops the server and removes its files. */
  stop(): Promise<void>
}

/**
 * The shell that owns the server: it waits for the end of its standard input, which comes when this process closes
 * it or ends in any way at all, SIGKILL included; then it stops the server and removes the files. So no run of
 * the tests or of a bench, however it ended, leaves a server or its data behind.
 */
const OWNER_SCRIPT = `
"$1/postgres" -D "$2/data" -c listen_addresses=127.0.0.1 -c port="$3" -c unix_socket_directories= \\
  -c max_connections=200 >"$2/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
# TERM ends a server too young to have its own handlers (the shell starts it with INT ignored); INT tells one that has
# them not to wait for its clients.
kill -TERM "$server" && kill -INT "$server"
wait "$server"
rm -rf "$2"
`

/** Makes and starts a private PostgreSQL on a free port of this machine. */
export async function startPostgresCluster(): Promise<PostgresCluster> {
  const programs = findPostgres()
  if (!programs) {
    throw new Error(
      `PostgreSQL ${OLDEST_POSTGRES_MAJOR} or newer was not found; "npm test" installs it or says how`,
    )
  }
  const owner = serverAccount()
  const folder = mkdtempSync(join(tmpdir(), 'tally-postgres-'))
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(folder, owner.uid, owner.gid)
  const initdb = ['--auth=trust', '--username=tally', '--encoding=UTF8', '--no-locale', '--no-sync']
  execFileSync(join(programs, 'initdb'), [...initdb, '-D', join(folder, 'data')], {
    ...owner,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })

  const port = await freePort()
  // A process group of its own: Ctrl-C in the terminal must reach that program only, which then ends the server in order.
  const shell = spawn('/bin/sh', ['-c', OWNER_SCRIPT, 'sh', programs, folder, String(port)], {
    ...owner,
    cwd: folder,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const stop = async () => {
    const exited = shell.exitCode === null ? once(shell, 'exit') : undefined
    shell.stdin?.end()
    await exited
  }
  try {
    await untilReady({ isready: join(programs, 'pg_isready'), port })
  } catch (error) {
    const log = readFileSync(join(folder, 'log'), 'utf8')
    await stop()
    throw new Error(`the private PostgreSQL did not start:\n${log}`, { cause: error })
  }
  return { url: `postgres://tally@127.0.0.1:${port}/postgres`, stop }
}

/** PostgreSQL refuses to run as root; then it runs as the first of these accounts that the machine has. */
function serverAccount(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  for (const account of ['postgres', 'nobody']) {
    try {
      const idOf = (kind: string) => Number(execFileSync('id', [kind, account], { encoding: 'utf8' }))
      return { uid: idOf('-u'), gid: idOf('-g') }
    } catch {
      // No such account: try the next.
    }
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is no account "postgres" or "nobody" to run it as',
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

async function untilReady(server: { isready: string; port: number }): Promise<void> {
  const deadlineMs = Date.now() + START_DEADLINE_MS
  while (Date.now() < deadlineMs) {
    const probe = spawn(server.isready, ['-q', '-h', '127.0.0.1', '-p', String(server.port)], {
      stdio: 'ignore',
    })
    const [status] = await once(probe, 'exit')
    if (status === 0) return
    await delay(PROBE_INTERVAL_MS)
  }
  throw new Error(`it was not ready within ${START_DEADLINE_MS} ms`)
}
