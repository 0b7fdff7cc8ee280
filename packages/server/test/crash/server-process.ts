import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { startOwned } from '../../../../scripts/owned-process.ts'
import type { TestDatabase } from '../../test-support/test-database.ts'

const MAIN = join(import.meta.dirname, '../../src/main.ts')
const START_DEADLINE_MS = 60_000

export const JWT_SECRET = 'the secret of a server that is killed'
export const SERVER_KEY = 'the-key-of-a-host-whose-server-is-killed'

/** The server as an operator runs it: a process, which can be ended in any way. */
export class ServerProcess {
  readonly #child: ChildProcess
  readonly #output: string[] = []

  private constructor(database: TestDatabase['options']) {
    this.#child = startOwned(MAIN, {
      // Nothing of this process's environment: the operator decides everything that is here.
      env: {
        PORT: '0',
        HOST: '127.0.0.1',
        JWT_SECRET,
        API_KEYS: `host:${SERVER_KEY}`,
        TALLY_DEMO_DATA: 'false',
        TALLY_SENDS_PER_SECOND: '10000',
        TALLY_SEND_BURST: '10000',
        TALLY_REQUESTS_PER_SECOND: '10000',
        TALLY_REQUEST_BURST: '10000',
        TALLY_REQUESTS_PER_SECOND_PER_ADDRESS: '10000',
        TALLY_DRAIN_SPREAD_MS: '200',
        LOG_LEVEL: 'warn',
        ...('databaseUrl' in database
          ? { DATABASE_URL: database.databaseUrl }
          : { DATA_DIR: database.dataDir }),
      },
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => this.#output.push(chunk.toString()))
    }
  }

  /** A server that answers; its `url` is a new one with every start. */
  static async start(database: TestDatabase['options']): Promise<ServerProcess & { readonly url: string }> {
    const server = new ServerProcess(database)
    const url = await server.#said(/ready at (\S+)/)
    return Object.assign(server, { url })
  }

  /** A start that has to fail. @returns what it said, and its exit code. */
  static async fail(database: TestDatabase['options']): Promise<{ output: string; code: number | null }> {
    const server = new ServerProcess(database)
    const code = await server.#ended()
    return { output: server.output, code }
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get output(): string {
    return this.#output.join('')
  }

  /** It ends here and now, in the middle of whatever it does. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await this.#ended()
  }

  /** It is asked to end. @returns its exit code. */
  async terminate(): Promise<number | null> {
    this.#child.kill('SIGTERM')
    return this.#ended()
  }

  async #ended(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
    return this.#child.exitCode
  }

  /** Waits until it says this, or ends, or takes too long. */
  #said(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        this.#child.kill('SIGKILL')
        reject(new Error(`the server ${why}: ${this.output}`))
      }
      const timer = setTimeout(() => fail('took too long to start'), START_DEADLINE_MS)
      this.#child.once('exit', () => {
        clearTimeout(timer)
        fail('ended while it started')
      })
      this.#child.stdout?.on('data', () => {
        const found = pattern.exec(this.output)?.[1]
        if (found === undefined) return
        clearTimeout(timer)
        resolve(found)
      })
    })
  }
}
