import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const READY_DEADLINE_MS = 60_000
const STOP_DEADLINE_MS = 15_000
const PROBE_INTERVAL_MS = 10

/** A server under test: a process of its own, reached over loopback. */
export type ChildServer = {
  url: string
  pid: number
  /** From the start of the process until it answered that it is ready. */
  readyAfterMs: number
  stop: () => Promise<void>
}

/** Starts a program of ours on a free port and waits until it answers. */
export async function startServer(options: {
  program: string
  env: Record<string, string>
  /** For the program that runs it. */
  flags?: readonly string[]
}): Promise<ChildServer> {
  const port = await freePort()
  return startProcess({
    command: process.execPath,
    // With this process's own flags for Node: `npm run bench` names the same ones as `npm start`.
    args: [...process.execArgv, ...(options.flags ?? []), options.program],
    env: { ...options.env, PORT: String(port) },
    url: `http://127.0.0.1:${port}`,
    readyPath: '/health/ready',
  })
}

/** Starts a program and waits until it says that it is ready. */
export async function startProcess(options: {
  command: string
  args: readonly string[]
  env: Record<string, string>
  url: string
  /** What answers with a status of success from then on. */
  readyPath: string
}): Promise<ChildServer> {
  const { command, args, env, url, readyPath } = options
  const startedMs = performance.now()
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  // Whatever ends this program ends what it started.
  const end = (): void => void child.kill('SIGKILL')
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-4_000)
  })
  await untilReady(`${url}${readyPath}`, child, () => complaints)
  const readyAfterMs = performance.now() - startedMs
  return { url, pid: child.pid ?? 0, readyAfterMs, stop: () => stop(child) }
}

async function untilReady(url: string, child: ChildProcess, complaints: () => string): Promise<void> {
  const deadlineMs = performance.now() + READY_DEADLINE_MS
  while (performance.now() < deadlineMs) {
    if (child.exitCode !== null) throw new Error(`the server ended before it was ready:\n${complaints()}`)
    const answer = await fetch(url).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer?.ok) return
    await delay(PROBE_INTERVAL_MS)
  }
  child.kill('SIGKILL')
  throw new Error(`the server was not ready in time:\n${complaints()}`)
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS)
  await gone
  clearTimeout(timer)
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
