import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { LoadAnswer } from './serve-load.ts'

type Waiting = { resolve: (result: never) => void; reject: (error: Error) => void }

/** A load in a process of its own, asked from here. `L` is what it can be asked. */
export class Generator<L> {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  #asked = 0

  /** @param program the load's file in this folder. */
  constructor(program: string) {
    // Latencies come back by the hundred thousand: as typed arrays they are copied, not printed and parsed.
    this.#child = fork(join(import.meta.dirname, program), { serialization: 'advanced' })
    this.#child.on('message', (answer: LoadAnswer) => {
      const waiting = this.#waiting.get(answer.id)
      this.#waiting.delete(answer.id)
      if ('error' in answer) waiting?.reject(new Error(answer.error))
      else waiting?.resolve(answer.result as never)
    })
    this.#child.once('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the generator ended with ${code}`))
    })
  }

  ask<C extends keyof L & string>(call: C, ...args: ParametersOf<L[C]>): Promise<ResultOf<L[C]>> {
    if (!this.#child.connected) return Promise.reject(new Error('the generator has ended'))
    const id = this.#asked++
    const { promise, resolve, reject } = Promise.withResolvers<ResultOf<L[C]>>()
    this.#waiting.set(id, { resolve, reject })
    this.#child.send({ id, call, argument: args[0] })
    return promise
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect()
  }
}

type ParametersOf<F> = F extends (...args: infer A) => unknown ? A : never
type ResultOf<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never
