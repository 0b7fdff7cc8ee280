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

/** What pg_isready ends with. */
const READY = 0
const NO_ANSWER = 2

export interface PostgresCluster {
  /** Of the maintenance database, for a user who may create databases. */
  url: string
  /** Ends the server as a crash does, in the middle of everything; its files stay for `revive`. */
  crash(): Promise<void>
  /** Starts it again after a crash: it recovers what was committed. */
  revive(): Promise<void>
  /** Stops the server and removes its files. */
  stop(): Promise<void>
}

/**
 * The shell that owns the server: it takes orders from its standard input until that ends, which happens when this
 * process closes it or ends in any way at all, SIGKILL included; then it stops the server and removes the files. So no
 * run of the tests or of a bench, however it ended, leaves a server or its data behind.
 */
const OWNER_SCRIPT = `
programs="$1" folder="$2" port="$3"
shift 3
start() {
  "$programs/postgres" -D "$folder/data" -c listen_addresses=127.0.0.1 -c port="$port" -c unix_socket_directories= \\
    -c max_connections=200 "$@" >>"$folder/log" 2>&1 </dev/null &
  server=$!
}
start "$@"
while read -r order; do
  case "$order" in
    crash) kill -QUIT "$server"; wait "$server" ;;
    revive) start "$@" ;;
  esac
done
# TERM ends a server too young to have its own handlers (the shell starts it with INT ignored); INT tells one that has
# them not to wait for its clients.
kill -TERM "$server" && kill -INT "$server"
wait "$server"
rm -rf "$folder"
`

/**
 * Makes and starts a private PostgreSQL on a free port of this machine.
 *
 * @param settings of the server, by name, beside its own.
 */
export async function startPostgresCluster(settings: Record<string, string> = {}): Promise<PostgresCluster> {
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
  const given = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const shell = spawn('/bin/sh', ['-c', OWNER_SCRIPT, 'sh', programs, folder, String(port), ...given], {
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
    await untilProbed({ isready: join(programs, 'pg_isready'), port, status: READY })
  } catch (error) {
    const log = readFileSync(join(folder, 'log'), 'utf8')
    await stop()
    throw new Error(`the private PostgreSQL did not start:\n${log}`, { cause: error })
  }
  const isready = join(programs, 'pg_isready')
  return {
    url: `postgres://tally@127.0.0.1:${port}/postgres`,
    crash: async () => {
      shell.stdin.write('crash\n')
      await untilProbed({ isready, port, status: NO_ANSWER })
    },
    revive: async () => {
      shell.stdin.write('revive\n')
      await untilProbed({ isready, port, status: READY })
    },
    stop,
  }
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

async function untilProbed(server: { isready: string; port: number; status: number }): Promise<void> {
  const deadlineMs = Date.now() + START_DEADLINE_MS
  while (Date.now() < deadlineMs) {
    const probe = spawn(server.isready, ['-q', '-h', '127.0.0.1', '-p', String(server.port)], {
      stdio: 'ignore',
    })
    const [status] = await once(probe, 'exit')
    if (status === server.status) return
    await delay(PROBE_INTERVAL_MS)
  }
  const wanted = server.status === READY ? 'ready' : 'gone'
  throw new Error(`it was not ${wanted} within ${START_DEADLINE_MS} ms`)
}
