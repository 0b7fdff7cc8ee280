import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The root of the repository; every path in these scripts starts here. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Runs a command in the root with its output shown, and ends this process with the command's status when it fails:
 * a preparation step that failed leaves nothing sensible to go on with.
 *
 * @param {string} command
 * @param {string[]} args
 */
function runCommand(command, args) {
  const { status, signal, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (error) fail(`${command} could not be started: ${error.message}`)
  if (signal) fail(`${command} was ended by ${signal}`)
  if (status !== 0) fail(`${[command, ...args].join(' ')} ended with status ${status}`)
}

/**
 * Like runCommand, for a command that talks more than anyone wants to read: its output is shown only when it fails.
 *
 * @param {string} command
 * @param {string[]} args
 */
export function runQuietly(command, args) {
  const options = { cwd: root, encoding: /** @type {const} */ ('utf8'), maxBuffer: 64 * 1024 * 1024 }
  const { status, stdout, stderr, error } = spawnSync(command, args, options)
  if (status !== 0)
    fail(`${stdout}${stderr}${[command, ...args].join(' ')} failed: ${error?.message ?? `status ${status}`}`)
}

/**
 * The trimmed output of a command, or undefined when it does not exist or fails.
 *
 * @param {string} command
 * @param {string[]} args
 * @returns {string | undefined}
 */
export function outputOf(command, args) {
  const { status, stdout } = spawnSync(command, args, { cwd: root, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

/**
 * Runs npm with the program that started this script, so that no other npm on the machine gets between.
 *
 * @param {string[]} args
 */
export function runNpm(args) {
  const npm = process.env.npm_execpath
  if (npm) runCommand(process.execPath, [npm, ...args])
  else runCommand('npm', args)
}

/**
 * Ends the process with one readable message.
 *
 * @param {string} message
 * @returns {never}
 */
export function fail(message) {
  console.error(`\n${message}\n`)
  process.exit(1)
}
