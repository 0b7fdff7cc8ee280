import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail, outputOf, root, runNpm } from './run-command.mjs'

const RUNTIME_MAJOR = 24

/**
 * Brings node_modules to what package-lock.json says, and makes sure that `node` is then the pinned runtime.
 * Does nothing when both already hold. Runs on any Node from 18 with no package installed.
 */
export function ensurePackagesInstalled() {
  if (!isInstalled()) {
    console.log('Installing packages (npm ci) ...')
    // Asked for by name: NODE_ENV=production would leave out the page's build tools, and the runtime is optional to npm.
    runNpm(['ci', '--include=dev', '--include=optional', '--loglevel=error'])
  }
  ensureRuntime()
}

/**
 * Compares what npm wrote down about node_modules with the lockfile, entry by entry: unlike file times this holds
 * after a checkout, a copy or an interrupted install.
 */
function isInstalled() {
  const installedPath = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(installedPath)) return false
  const installed = readPackages(installedPath)
  const wanted = Object.entries(readPackages(join(root, 'package-lock.json')))
  return wanted.every(([path, entry]) => {
    if (!path.includes('node_modules/')) return true
    const found = installed[path]
    if (!found) return Boolean(entry.optional || entry.devOptional || entry.peer)
    return found.version === entry.version && found.integrity === entry.integrity
  })
}

/**
 * @param {string} path
 * @returns {Record<string, { version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, peer?: boolean }>}
 */
function readPackages(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages
}

/** npm puts node_modules/.bin first on the PATH of its scripts, so this asks for the node they will get. */
function ensureRuntime() {
  const version = outputOf('node', ['--version'])
  if (version?.startsWith(`v${RUNTIME_MAJOR}.`)) return
  fail(
    `Tally runs on Node ${RUNTIME_MAJOR}, and no package carries it for ${process.platform}-${process.arch}.\n` +
      `Install Node ${RUNTIME_MAJOR} so that it comes first on the PATH (found: ${version ?? 'none'}), then run this again.`,
  )
}
