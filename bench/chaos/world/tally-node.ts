import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'

const START_DEADLINE_MS = 60_000
const STOP_DEADLINE_MS = 60_000

/**
 * The shell that owns a node: when its standard input ends, which happens when this program ends in any way at all, it
 * kills the node. Otherwise it ends with the node, and as it did.
 */
const OWNER_SCRIPT = `
exec 3<&0
"$@" </dev/null 3<&- &
node=$!
echo "pid $node"
(cat <&3 >/dev/null; kill -KILL "$node") >/dev/null 2>&1 &
guard=$!
exec 3<&-
wait "$node"
code=$?
kill "$guard"
exit "$code"
`

export type NodeOptions = {
  name: string
  program: string
  env: Record<string, string>
  /** Where everything it says is kept. */
  logFile: string
}

/** A server of the world: a process that can be killed, frozen and asked to end. */
export class TallyNode {
  readonly name: string
  readonly port: number
  readonly pid: number
  readonly #owner: ChildProcess
  #isEnding = false

  private constructor(started: { name: string; port: number; pid: number; owner: ChildProcess }) {
    this.name = started.name
    this.port = started.port
    this.pid = started.pid
    this.#owner = started.owner
  }

  /** @returns a node that answers. */
  static async start({ name, program, env, logFile }: NodeOptions): Promise<TallyNode> {
    const command = [process.execPath, ...process.execArgv, program]
    const owner = spawn('/bin/sh', ['-c', OWNER_SCRIPT, 'sh', ...command], {
      // A process group of its own: Ctrl-C in the terminal must reach this program only, which then ends the rest.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH ?? '', PORT: '0', HOST: '127.0.0.1', ...env },
    })
    const log = createWriteStream(logFile, { flags: 'a' })
    owner.stdout.pipe(log)
    owner.stderr.pipe(log)
    try {
      const said = await untilSaid(owner, /pid (\d+)[\s\S]*ready at http:\/\/\S+?:(\d+)/)
      return new TallyNode({ name, owner, pid: Number(said[1]), port: Number(said[2]) })
    } catch (error) {
      owner.stdin.end()
      throw new Error(`${name} did not start; it said why in ${logFile}`, { cause: error })
    }
  }

  /** It ended though nobody asked it to. */
  get isLost(): boolean {
    return !this.#isEnding && !this.#isRunning
  }

  /** It ends here and now, in the middle of whatever it does. */
  async kill(): Promise<void> {
    this.#isEnding = true
    if (!this.#isRunning) return
    const ended = once(this.#owner, 'exit')
    process.kill(this.pid, 'SIGKILL')
    await ended
  }

  /** It is asked to end. @returns its exit code. */
  async terminate(): Promise<number | null> {
    this.#isEnding = true
    if (this.#isRunning) {
      const ended = once(this.#owner, 'exit')
      process.kill(this.pid, 'SIGTERM')
      const timer = setTimeout(() => process.kill(this.pid, 'SIGKILL'), STOP_DEADLINE_MS)
      await ended
      clearTimeout(timer)
    }
    return this.#owner.exitCode
  }

  /** It hangs: nothing of it runs, and its connections stay. */
  freeze(): void {
    process.kill(this.pid, 'SIGSTOP')
  }

  thaw(): void {
    process.kill(this.pid, 'SIGCONT')
  }

  get #isRunning(): boolean {
    return this.#owner.exitCode === null && this.#owner.signalCode === null
  }
}

function untilSaid(owner: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let said = ''
    const timer = setTimeout(() => reject(new Error('it took too long')), START_DEADLINE_MS)
    owner.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`it ended with ${code}`))
    })
    owner.stdout?.on('data', (chunk: Buffer) => {
      if (said === '' || !pattern.test(said)) said += chunk.toString()
      const found = pattern.exec(said)
      if (found === null) return
      clearTimeout(timer)
      resolve(found)
    })
  })
}
