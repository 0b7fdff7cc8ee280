import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProsody } from '../../scripts/find-prosody.mjs'
import { prosody as program } from '../../scripts/install-programs.mjs'
import { inBatches } from '../src/load/people.ts'
import { freePort, startProcess } from '../src/servers/child-server.ts'
import { type Contestant, type Running, recountIn } from '../src/servers/contestants.ts'
import type { Storage } from '../src/servers/storage.ts'
import { XMPP_DOMAIN, XmppSocket } from '../src/wire/xmpp-socket.ts'
import { PROSODY_RECOUNT } from './archive-recount.ts'

/**
 * Prosody with its archive (XEP-0313) in PostgreSQL. As ejabberd it keeps no counts and tells no sender that theirs was
 * stored; unlike it, it stores a message before it goes on, and does nothing else meanwhile.
 */
export const prosody: Contestant = {
  name: 'prosody',
  about: 'a peer: XMPP, archive in PostgreSQL; no badge (a message counts on arrival), no word of the commit',
  isTally: false,
  hasTotals: false,
  program,
  start,
  makeRooms,
  truth: (storage) => recountIn(storage, PROSODY_RECOUNT),
}

async function start(storage: Storage): Promise<Running> {
  const found = findProsody()
  if (found === undefined) throw new Error('Prosody is not on this machine: --peers installs it or says how')
  const ports = { people: await freePort(), web: await freePort() }
  const folder = join(storage.folder, 'prosody')
  mkdirSync(folder, { recursive: true })
  const config = join(folder, 'prosody.cfg.lua')
  writeFileSync(config, configOf(storage, { folder, ports }))
  const server = await startProcess({
    command: found.program,
    args: ['-F', '--config', config],
    env: { HOME: folder },
    url: `http://127.0.0.1:${ports.web}`,
    readyPath: '/http-bind',
  })
  return {
    servers: [{ ...server, url: `xmpp://127.0.0.1:${ports.people}` }],
    stop: () => server.stop(),
  }
}

/**
 * As it comes, but for what other contestants do not have either: TLS, limits of people, hashed passwords, other servers.
 * Accounts are in files, as Debian has them. Its door for browsers (`bosh`) is there to ask whether it is ready.
 */
function configOf(
  { databaseUrl }: Storage,
  { folder, ports }: { folder: string; ports: { people: number; web: number } },
): string {
  const { hostname, port, pathname, username, password } = new URL(databaseUrl)
  // What JavaScript quotes in these, Lua reads the same.
  const said = (words: string): string => JSON.stringify(words)
  return `
data_path = ${said(folder)}
run_as_root = true
log = { { levels = { min = "error" }, to = "console" } }
modules_enabled = { "posix", "saslauth", "register_ibr", "mam", "bosh" }
modules_disabled = { "s2s" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${ports.people} }
http_ports = { ${ports.web} }
https_ports = { }
http_default_host = ${said(XMPP_DOMAIN)}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
allow_registration = true
authentication = "internal_plain"
storage = { archive = "sql" }
default_archive_policy = true
archive_expires_after = "never"
sql = {
  driver = "PostgreSQL",
  host = ${said(hostname)},
  port = ${Number(port)},
  database = ${said(pathname.slice(1))},
  username = ${said(username)},
  password = ${said(decodeURIComponent(password))},
}
VirtualHost ${said(XMPP_DOMAIN)}
`
}

/** Accounts, made as a client makes one; a room of two is the two of them. @returns what `PROSODY_RECOUNT` calls it. */
async function makeRooms(url: string, rooms: readonly (readonly string[])[]): Promise<string[]> {
  await inBatches(rooms.flat(), async (userId) => {
    const socket = await XmppSocket.open({ url, userId, isNew: true, onMessage: () => {} })
    socket.close()
  })
  return rooms.map((userIds) => userIds.toSorted().join(' '))
}
