import { once } from 'node:events'
import { formatHelp } from './config/help.ts'
import { type Config, loadConfig } from './config.ts'
import { describeFatal } from './fatal-error.ts'
import { createLog, type Logger } from './ops/log.ts'

/** A server that was started: where it answers, and how it ends in order. */
type Running = { url: string; stop(): Promise<void> }

/**
 * The program: starts a server as the environment says, tells where, and stops it in order when it is asked to. Ends
 * the process with 0 after an orderly stop, and with 1 and the reason when it cannot start or cannot go on.
 */
export async function runCommandLine(
  start: (config: Config, log: Logger) => Promise<Running>,
): Promise<void> {
  try {
    if (process.argv.includes('--help')) process.stdout.write(`${formatHelp()}\n`)
    else await serveUntilAsked(start)
    process.exit(0)
  } catch (error) {
    process.stderr.write(`${describeFatal(error)}\n`)
    process.exit(1)
  }
}

async function serveUntilAsked(start: (config: Config, log: Logger) => Promise<Running>): Promise<void> {
  const config = loadConfig()
  const log = createLog({ level: config.logLevel, instance: config.serverInstance })
  for (const warning of config.warnings) log.warn({}, warning)
  const running = await start(config, log)
  const kept = config.databaseUrl === undefined ? `embedded database in ${config.dataDir}` : 'PostgreSQL'
  process.stdout.write(
    `Tally is ready at ${running.url} (${kept}); API at ${running.url}/docs. Ctrl-C stops it.\n`,
  )

  // A terminal sends Ctrl-C to npm and to us, and npm passes it on: the second one is no order to hurry.
  const asked = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {})
  await asked
  log.info({}, 'stopping')
  await running.stop()
}
