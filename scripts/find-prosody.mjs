import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { outputOf } from './run-command.mjs'

/** Where Debian puts libraries for Lua, each architecture in a folder of its own. */
const LIBRARIES = '/usr/lib'
/** What its driver for PostgreSQL is called there, for the Lua that Prosody runs on. */
const DRIVER = 'lua/5.4/dbd/postgresql.so'
const VERSION = '/usr/lib/prosody/prosody.version'

/**
 * The Prosody of this machine, if it can keep its archive in PostgreSQL, as Debian's packages lay both out: its program
 * and its version.
 *
 * @returns {{ program: string, version: string } | undefined}
 */
export function findProsody() {
  const program = outputOf('which', ['prosody'])
  const hasDriver =
    existsSync(LIBRARIES) && readdirSync(LIBRARIES).some((name) => existsSync(join(LIBRARIES, name, DRIVER)))
  if (program === undefined || !hasDriver || !existsSync(VERSION)) return undefined
  return { program, version: readFileSync(VERSION, 'utf8').trim() }
}
