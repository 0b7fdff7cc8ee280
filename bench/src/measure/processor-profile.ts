import { setTimeout as delay } from 'node:timers/promises'

/** A function on the stack, as V8's profiler names it. */
export type ProfileFrame = { functionName: string; url: string; lineNumber: number }

/** What V8's profiler says: a tree of calls, and where in it the program was at each look. Times in µs. */
export type ProcessorProfile = {
  nodes: { id: number; callFrame: ProfileFrame; children?: number[] }[]
  samples: number[]
  timeDeltas: number[]
}

const LOOK_EVERY_US = 500
const ANSWER_DEADLINE_MS = 30_000
const ATTACH_DEADLINE_MS = 10_000

/** What a program needs in its environment to be looked into at this port. */
export function inspectable(port: number): Record<string, string> {
  return { NODE_OPTIONS: `--inspect=127.0.0.1:${port}` }
}

/** Looks into a running program: V8's profiler from one moment to another, and so not at its start. */
export class Profiler {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void; reject: (why: Error) => void }>()
  #last = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => this.#answered(String(data)))
    socket.addEventListener('close', () => this.#lost())
  }

  /** @throws Error when nothing can be looked into at this port. */
  static async attach(port: number): Promise<Profiler> {
    const socket = new WebSocket(await debuggerUrl(port))
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve(), { once: true })
      socket.addEventListener('error', () => reject(new Error('the program lets nobody look into it')), {
        once: true,
      })
    })
    const profiler = new Profiler(socket)
    await profiler.#ask('Profiler.enable')
    await profiler.#ask('Profiler.setSamplingInterval', { interval: LOOK_EVERY_US })
    return profiler
  }

  async start(): Promise<void> {
    await this.#ask('Profiler.start')
  }

  async stop(): Promise<ProcessorProfile> {
    const { profile } = (await this.#ask('Profiler.stop')) as { profile: ProcessorProfile }
    return profile
  }

  close(): void {
    this.#socket.close()
  }

  async #ask(method: string, params: object = {}): Promise<unknown> {
    this.#last += 1
    const id = this.#last
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#waiting.set(id, { resolve, reject })
    const timer = setTimeout(() => reject(new Error(`no answer to ${method}`)), ANSWER_DEADLINE_MS)
    this.#socket.send(JSON.stringify({ id, method, params }))
    return promise.finally(() => {
      clearTimeout(timer)
      this.#waiting.delete(id)
    })
  }

  #answered(text: string): void {
    const { id, result, error } = JSON.parse(text) as {
      id?: number
      result?: unknown
      error?: { message: string }
    }
    const waiting = this.#waiting.get(id ?? 0)
    if (error === undefined) waiting?.resolve(result)
    else waiting?.reject(new Error(error.message))
  }

  #lost(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error('the program ended'))
  }
}

async function debuggerUrl(port: number): Promise<string> {
  const deadlineMs = performance.now() + ATTACH_DEADLINE_MS
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/json/list`).catch(() => undefined)
    const [target] =
      ((await answer?.json().catch(() => [])) as { webSocketDebuggerUrl?: string }[] | undefined) ?? []
    if (target?.webSocketDebuggerUrl !== undefined) return target.webSocketDebuggerUrl
    if (performance.now() > deadlineMs) throw new Error(`nothing to look into at port ${port}`)
    await delay(50)
  }
}
