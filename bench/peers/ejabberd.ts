import { mkdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findEjabberd } from '../../scripts/find-ejabberd.mjs'
import { ejabberd as program } from '../../scripts/install-programs.mjs'
import { inBatches } from '../src/load/people.ts'
import { freePort, startProcess } from '../src/servers/child-server.ts'
import { type Contestant, type Running, recountIn } from '../src/servers/contestants.ts'
import { post } from '../src/servers/host-api.ts'
import { withDatabase } from '../src/servers/seed.ts'
import type { Storage } from '../src/servers/storage.ts'
import { XMPP_DOMAIN } from '../src/wire/xmpp-socket.ts'
import { EJABBERD_RECOUNT } from './archive-recount.ts'

/**
 * ejabberd with its archive (XEP-0313) in PostgreSQL. It keeps no counts: a message counts when it arrives, before it is
 * stored; and it tells no sender that theirs was stored. What is left is the same: a message from one person to another,
 * and what both can look up afterwards.
 */
export const ejabberd: Contestant = {
  name: 'ejabberd',
  about: 'a peer: XMPP, archive in PostgreSQL; no badge (a message counts on arrival), no word of the commit',
  isTally: false,
  hasTotals: false,
  isParallel: true,
  program,
  start,
  makeRooms,
  truth: (storage) => recountIn(storage, EJABBERD_RECOUNT),
}

async function start(storage: Storage): Promise<Running> {
  const found = findEjabberd()
  if (found === undefined) throw new Error('ejabberd is not on this machine: --peers installs it or says how')
  const schema = await readFile(found.schema, 'utf8')
  await withDatabase(storage.databaseUrl, (database) => database.query(schema))
  const ports = { people: await freePort(), api: await freePort() }
  const folder = join(storage.folder, 'ejabberd')
  mkdirSync(folder, { recursive: true })
  const config = join(folder, 'ejabberd.yml')
  // YAML understands JSON.
  writeFileSync(config, JSON.stringify(configOf(storage, ports)))
  const server = await startProcess({
    command: 'erl',
    // Without a name: it needs none of its own, and so no register of names beside it.
    args: ['-noinput', '+K', 'true', '+P', '250000', '-mnesia', 'dir', `"${folder}"`, '-s', 'ejabberd'],
    env: {
      HOME: folder,
      ERL_LIBS: found.libraries,
      ERL_CRASH_DUMP: join(folder, 'crash'),
      EJABBERD_CONFIG_PATH: config,
      EJABBERD_LOG_PATH: join(folder, 'ejabberd.log'),
    },
    url: `http://127.0.0.1:${ports.api}`,
    readyPath: '/api/status',
  })
  return {
    servers: [{ ...server, peopleUrl: `xmpp://127.0.0.1:${ports.people}` }],
    stop: () => server.stop(),
  }
}

/** As it comes, but for what other contestants do not have either: TLS, limits of people, hashed passwords. */
function configOf({ databaseUrl }: Storage, ports: { people: number; api: number }): object {
  const { hostname, port, pathname, username, password } = new URL(databaseUrl)
  // Its own queue of five connections would keep a crowd waiting before anything is measured.
  const listener = { ip: '127.0.0.1', backlog: 512 }
  return {
    hosts: [XMPP_DOMAIN],
    loglevel: 'error',
    listen: [
      { ...listener, port: ports.people, module: 'ejabberd_c2s', max_stanza_size: 65_536, access: 'all' },
      { ...listener, port: ports.api, module: 'ejabberd_http', request_handlers: { '/api': 'mod_http_api' } },
    ],
    auth_method: 'internal',
    auth_password_format: 'plain',
    sql_type: 'pgsql',
    sql_server: hostname,
    sql_port: Number(port),
    sql_database: pathname.slice(1),
    sql_username: username,
    sql_password: decodeURIComponent(password),
    api_permissions: {
      bench: { from: ['mod_http_api'], who: 'all', what: ['status', 'register'] },
    },
    modules: { mod_http_api: {}, mod_mam: { db_type: 'sql', default: 'always' } },
  }
}

/** Accounts; a room of two is the two of them. @returns what `EJABBERD_RECOUNT` calls it. */
async function makeRooms(url: string, rooms: readonly (readonly string[])[]): Promise<string[]> {
  await inBatches(rooms.flat(), (user) =>
    post(`${url}/api/register`, { user, host: XMPP_DOMAIN, password: user }),
  )
  return rooms.map((userIds) => userIds.toSorted().join(' '))
}
