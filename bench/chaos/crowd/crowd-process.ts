import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import type { CrowdCall, CrowdCalls, CrowdJob } from './crowd-job.ts'

type Waiting = { resolve: (result: never) => void; reject: (error: Error) => void }

/** A crowd in a process of its own, which can be frozen as a phone in a pocket is. */
export class CrowdProcess {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  #calls = 0

  private constructor() {
    this.#child = fork(join(import.meta.dirname, 'crowd.ts'), { serialization: 'advanced' })
    // Whoever looks on does not push aside whom it looks at: what it sees it sees a little later, never sooner.
    if (this.#child.pid !== undefined) setPriority(this.#child.pid, constants.priority.PRIORITY_BELOW_NORMAL)
    this.#child.on('message', ({ id, result, error }: { id: number; result?: never; error?: string }) => {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error === undefined) waiting?.resolve(result as never)
      else waiting?.reject(new Error(error))
    })
    this.#child.once('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`a crowd ended with ${code}`))
      this.#waiting.clear()
    })
  }

  static async start(job: CrowdJob): Promise<CrowdProcess> {
    const crowd = new CrowdProcess()
    await crowd.ask('start', job)
    return crowd
  }

  ask<C extends CrowdCall>(
    call: C,
    ...[argument]: Parameters<CrowdCalls[C]>
  ): Promise<Awaited<ReturnType<CrowdCalls[C]>>> {
    const id = ++this.#calls
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject })
      this.#child.send({ id, call, argument })
    })
  }

  /** Nothing of it runs, and its connections stay. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child.kill('SIGCONT')
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}
