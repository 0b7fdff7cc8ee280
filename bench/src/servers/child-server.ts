import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const READY_DEADLINE_MS = 60_000
const STOP_DEADLINE_MS = 15_000
const PROBE_INTERVAL_MS = 50

/** A server under test: a process of its own, reached over loopback. */
export type ChildServer = {
  url: string
  /** Seconds of processor time it used so far. */
  cpuSeconds: () => Promise<number>
  stop: () => Promise<void>
}

/** Starts a program on a free port and waits until it answers. */
export async function startServer(options: {
  program: string
  env: Record<string, string>
  readyPath: string
}): Promise<ChildServer> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  // With this process's own flags for Node: `npm run bench` names the same ones as `npm start`.
  const child = spawn(process.execPath, [...process.execArgv, options.program], {
    env: { PATH: process.env.PATH, ...options.env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-4_000)
  })
  await untilReady(`${url}${options.readyPath}`, child, () => complaints)
  return { url, cpuSeconds: () => cpuSecondsOf(child.pid), stop: () => stop(child) }
}

async function untilReady(url: string, child: ChildProcess, complaints: () => string): Promise<void> {
  const deadlineMs = performance.now() + READY_DEADLINE_MS
  while (performance.now() < deadlineMs) {
    if (child.exitCode !== null) throw new Error(`the server ended before it was ready:\n${complaints()}`)
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    await delay(PROBE_INTERVAL_MS)
  }
  child.kill('SIGKILL')
  throw new Error(`the server was not ready in time:\n${complaints()}`)
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS)
  await gone
  clearTimeout(timer)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

/** From /proc where there is one; elsewhere not known. */
async function cpuSecondsOf(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (stat === undefined) return Number.NaN
  // Fields after the command's name, which may hold spaces: utime and stime are the 14th and 15th of all.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND
}

const CLOCK_TICKS_PER_SECOND = 100
