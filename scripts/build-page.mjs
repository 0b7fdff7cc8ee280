import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root, runNpm } from './run-command.mjs'

const PAGE = 'apps/web/dist/index.html'
const SOURCES = ['apps/web', 'packages/client/src', 'packages/protocol/src', 'package-lock.json']
const NOT_SOURCES = new Set(['dist', 'node_modules', 'test', 'test-support', 'figures'])

/** Builds the web page when it is missing or older than any of its sources. */
export function ensurePageBuilt() {
  const page = join(root, PAGE)
  if (existsSync(page) && statSync(page).mtimeMs >= newestMs(SOURCES.map((path) => join(root, path)))) return
  console.log('Building the page ...')
  runNpm(['run', 'build', '--silent'])
}

/**
 * @param {string[]} paths files and folders
 * @returns {number} the time of the newest file, in milliseconds
 */
function newestMs(paths) {
  return Math.max(
    0,
    ...paths.map((path) => {
      const stats = statSync(path)
      if (!stats.isDirectory()) return stats.mtimeMs
      const names = readdirSync(path).filter((name) => !NOT_SOURCES.has(name))
      return newestMs(names.map((name) => join(path, name)))
    }),
  )
}
