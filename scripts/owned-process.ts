import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'

/** Runs in the process that is owned, before its program. */
const END_WITH_OWNER = `process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL')).resume().unref()`

/**
 * Starts a program of ours that never outlives this process: its standard input ends when this process ends in any way at
 * all, SIGKILL included, and then so does it. So no run of the tests, however it ended, leaves a server behind.
 *
 * @param program the path of a source, which Node runs.
 * @param env all that it has for an environment.
 */
export function startOwned(
  program: string,
  { args = [], env = {} }: { args?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
): ChildProcessWithoutNullStreams {
  const watch = `data:text/javascript,${encodeURIComponent(END_WITH_OWNER)}`
  return spawn(process.execPath, ['--import', watch, program, ...args], { env, stdio: 'pipe' })
}
