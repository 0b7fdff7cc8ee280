import { existsSync } from 'node:fs'
import { findChromium } from './find-chromium.mjs'
import { findEjabberd } from './find-ejabberd.mjs'
import { findPostgres, OLDEST_POSTGRES_MAJOR } from './find-postgres.mjs'
import { findProsody } from './find-prosody.mjs'
import { hasRedis, OLDEST_REDIS_MAJOR } from './find-redis.mjs'
import { fail, outputOf, runQuietly } from './run-command.mjs'

/**
 * A program that is not a package of npm.
 *
 * @typedef {{ isFound: () => boolean, debianPackages: string[], advice: string }} Program
 */

/** @type {Program} */
export const postgres = {
  isFound: () => Boolean(process.env.TEST_DATABASE_URL || process.env.BENCH_DATABASE_URL || findPostgres()),
  debianPackages: ['postgresql'],
  advice: `PostgreSQL ${OLDEST_POSTGRES_MAJOR} or newer is needed, and none was found. Either
  - install its server programs (initdb, postgres), or
  - start one and name it, for example:
      docker run --rm -d -p 5433:5432 -e POSTGRES_PASSWORD=test postgres:17
      TEST_DATABASE_URL=postgres://postgres:test@127.0.0.1:5433/postgres npm test`,
}

/**
 * The program itself, even where a running server is named: tests stop servers, and form clusters of them.
 *
 * @type {Program}
 */
export const redis = {
  isFound: hasRedis,
  debianPackages: ['redis-server', 'redis-tools'],
  advice: `Redis ${OLDEST_REDIS_MAJOR} or newer is needed (redis-server and redis-cli), and none was found on the PATH.
Install it; most of its tests can also use a server that runs: TEST_REDIS_URL=redis://… npm test`,
}

/**
 * Only a bench that compares with it needs it: its own service, if the package brings one up, is not what is measured.
 *
 * @type {Program}
 */
export const ejabberd = {
  isFound: () => findEjabberd() !== undefined,
  debianPackages: ['ejabberd', 'erlang-p1-pgsql'],
  advice: `ejabberd is needed for \`--peers\`, as Debian packages it, and was not found.
Install ejabberd and erlang-p1-pgsql, or leave it out: npm run bench -- all --no-peers`,
}

/**
 * As ejabberd.
 *
 * @type {Program}
 */
export const prosody = {
  isFound: () => findProsody() !== undefined,
  debianPackages: ['prosody', 'lua-dbi-postgresql'],
  advice: `Prosody is needed for \`--peers\`, as Debian packages it, and was not found.
Install prosody and lua-dbi-postgresql, or leave it out: npm run bench -- all --no-peers`,
}

/** @type {Program} */
export const chromium = {
  isFound: () => Boolean(findChromium()),
  debianPackages: ['chromium'],
  advice: `Chromium or Chrome is needed, and none was found.
Install one, or name it: CHROMIUM_PATH=/path/to/chrome npm test`,
}

/**
 * Without them a page in a bare Debian shows boxes for Korean and emoji; any other system is taken to have its own.
 *
 * @type {Program}
 */
export const fonts = {
  isFound: () => !existsSync('/usr/bin/apt-get') || ['ko', 'und-zsye'].every(hasFontFor),
  debianPackages: ['fontconfig', 'fonts-noto-cjk', 'fonts-noto-color-emoji'],
  advice: 'Fonts for Korean and for emoji are needed: fonts-noto-cjk and fonts-noto-color-emoji.',
}

/**
 * Makes sure of programs: what is missing is installed where that can be done without asking (Debian and Ubuntu, as
 * root or with a sudo that needs no password); anywhere else this process ends and says what to do, because a test
 * that quietly does not run looks like one that passed.
 *
 * @param {Program[]} programs
 */
export function ensurePrograms(programs) {
  const missing = programs.filter((program) => !program.isFound())
  if (missing.length > 0) installDebianPackages(missing.flatMap((program) => program.debianPackages))
  const stillMissing = missing.filter((program) => !program.isFound())
  if (stillMissing.length > 0) fail(stillMissing.map((program) => program.advice).join('\n\n'))
}

/** @param {string} language as fontconfig names it; `und-zsye` is emoji */
function hasFontFor(language) {
  return Boolean(outputOf('fc-list', [`:lang=${language}`]))
}

/** @param {string[]} packages */
function installDebianPackages(packages) {
  if (!existsSync('/usr/bin/apt-get')) return
  const prefix = rootPrefix()
  if (!prefix) return
  console.log(`Installing with apt-get: ${packages.join(', ')} ...`)
  const apt = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q']
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', ...packages]]) {
    const [command = '', ...rest] = [...apt, ...args]
    runQuietly(command, rest)
  }
}

/** @returns {string[] | undefined} what to put before a command to run it as root; undefined when that cannot be done */
function rootPrefix() {
  if (process.getuid?.() === 0) return []
  return outputOf('sudo', ['-n', 'true']) === undefined ? undefined : ['sudo', '-n']
}
