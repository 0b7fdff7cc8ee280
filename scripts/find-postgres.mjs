import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { outputOf } from './run-command.mjs'

/** The oldest PostgreSQL that Tally runs on. */
export const OLDEST_POSTGRES_MAJOR = 15

/** Where packagers put the server's programs, which is seldom on the PATH; `*` stands for one folder of any name. */
const PLACES = [
  '/usr/lib/postgresql/*/bin',
  '/opt/homebrew/opt/*/bin',
  '/usr/local/opt/*/bin',
  '/usr/pgsql-*/bin',
]

/**
 * The folder with `initdb` and `postgres` of the newest PostgreSQL on this machine that Tally runs on.
 *
 * @returns {string | undefined}
 */
export function findPostgres() {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...PLACES.flatMap(expand)]
  return (
    folders
      .map((folder) => join(folder, 'postgres'))
      .filter(existsSync)
      // A folder on the PATH may hold links to some of the programs: their real home holds them all.
      .map((program) => ({ folder: dirname(realpathSync(program)), major: majorOf(program) }))
      .filter(({ major }) => major >= OLDEST_POSTGRES_MAJOR)
      .sort((a, b) => b.major - a.major)[0]?.folder
  )
}

/** @param {string} program */
function majorOf(program) {
  return Number(outputOf(program, ['--version'])?.match(/ (\d+)/)?.[1] ?? 0)
}

/**
 * @param {string} pattern an absolute path in which one folder's name holds a `*`
 * @returns {string[]}
 */
function expand(pattern) {
  const [parent = '', rest = ''] = pattern.split(/\/(?=[^/]*\*)/)
  const [name = '', ...below] = rest.split('/')
  const prefix = name.replace('*', '')
  if (!existsSync(parent)) return []
  return readdirSync(parent)
    .filter((found) => found.startsWith(prefix))
    .map((found) => join(parent, found, ...below))
}
