import { existsSync } from 'node:fs'
import { findChromium } from './find-chromium.mjs'
import { findPostgres, OLDEST_POSTGRES_MAJOR } from './find-postgres.mjs'
import { fail, outputOf, runQuietly } from './run-command.mjs'

/**
 * Makes sure of the programs that tests run against, PostgreSQL and Chromium: what is missing is installed where that
 * can be done without asking (Debian and Ubuntu, as root or with a sudo that needs no password); anywhere else the
 * run ends here and says what to do, because a test that quietly does not run looks like one that passed.
 */
export function ensureTestServers() {
  const missing = [
    ...(hasPostgres() ? [] : ['postgresql']),
    ...(findChromium() ? [] : ['chromium']),
    ...(hasFont('ko') ? [] : ['fonts-noto-cjk']),
    ...(hasFont('und-zsye') ? [] : ['fonts-noto-color-emoji']),
  ]
  if (missing.length > 0) installDebianPackages(missing)
  if (!hasPostgres()) fail(postgresAdvice)
  if (!findChromium()) fail(chromiumAdvice)
}

function hasPostgres() {
  return Boolean(process.env.TEST_DATABASE_URL || findPostgres())
}

/**
 * Fonts change only how screenshots look, so a machine that is not Debian's is taken to have its own.
 *
 * @param {string} language as fontconfig names it; `und-zsye` is emoji
 */
function hasFont(language) {
  return !existsSync('/usr/bin/apt-get') || Boolean(outputOf('fc-list', [`:lang=${language}`]))
}

/** @param {string[]} packages */
function installDebianPackages(packages) {
  if (!existsSync('/usr/bin/apt-get')) return
  const prefix = commandPrefix()
  if (!prefix) return
  console.log(`Installing for the tests (apt-get): ${packages.join(', ')} ...`)
  const apt = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q']
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', ...packages]]) {
    const [command = '', ...rest] = [...apt, ...args]
    runQuietly(command, rest)
  }
}

/** @returns {string[] | undefined} what to put before a command to run it as root; undefined when that cannot be done */
function commandPrefix() {
  if (process.getuid?.() === 0) return []
  return outputOf('sudo', ['-n', 'true']) === undefined ? undefined : ['sudo', '-n']
}

const postgresAdvice = `The tests need PostgreSQL ${OLDEST_POSTGRES_MAJOR} or newer, and none was found. Either
  - install its server programs (initdb, postgres), or
  - start one and name it, for example:
      docker run --rm -d -p 5433:5432 -e POSTGRES_PASSWORD=test postgres:17
      TEST_DATABASE_URL=postgres://postgres:test@127.0.0.1:5433/postgres npm test`

const chromiumAdvice = `The tests need Chromium or Chrome, and none was found.
Install one, or name it: CHROMIUM_PATH=/path/to/chrome npm test`
