import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { outputOf } from './run-command.mjs'

/** Where Debian puts libraries of Erlang that are not part of it, each architecture in a folder of its own. */
const LIBRARIES = '/usr/lib'
/** With the statements that make its tables in PostgreSQL. */
const SCHEMA = '/usr/share/ejabberd/sql/pg.sql'
const VERSION = /\/ejabberd-([\d.-]+)$/

/**
 * The ejabberd of this machine and what it needs to keep its archive in PostgreSQL, as Debian's packages lay them out:
 * the folder of its libraries, its schema, and its version.
 *
 * @returns {{ libraries: string, schema: string, version: string } | undefined}
 */
export function findEjabberd() {
  const hasErlang = outputOf('which', ['erl']) !== undefined
  const folder = foldersIn(LIBRARIES)
    .flatMap(foldersIn)
    .find((path) => VERSION.test(path))
  if (!hasErlang || folder === undefined || !existsSync(SCHEMA)) return undefined
  return { libraries: dirname(folder), schema: SCHEMA, version: VERSION.exec(folder)?.[1] ?? 'unknown' }
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function foldersIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
}
