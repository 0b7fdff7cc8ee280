import { syncBuiltinESMExports } from 'node:module'
import timersPromises from 'node:timers/promises'

/** Something that is due at a moment; of one moment in the order in which it was asked for. */
class Due {
  readonly run: () => void
  readonly everyMs: number | null
  atMs: number
  order: number
  isCancelled = false

  constructor(due: { run: () => void; everyMs: number | null; atMs: number; order: number }) {
    this.run = due.run
    this.everyMs = due.everyMs
    this.atMs = due.atMs
    this.order = due.order
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  isBefore(other: Due): boolean {
    return this.atMs < other.atMs || (this.atMs === other.atMs && this.order < other.order)
  }
}

/**
 * A clock that moves only when told to, in place of the process's own: while it is installed, timers and
 * `performance.now` are of this clock. Between two timers everything they began runs to where it waits again, so what
 * happens depends on nothing but the order of the timers.
 */
export class VirtualTime {
  readonly #heap: Due[] = []
  #nowMs = 0
  #order = 0
  #uninstall: (() => void) | undefined

  get nowMs(): number {
    return this.#nowMs
  }

  /** Takes the place of the process's clock until `uninstall`. */
  install(): void {
    const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate } = globalThis
    const { setTimeout: delay, setImmediate: nextTurn } = timersPromises
    const timers = {
      setTimeout: (run: () => void, ms = 0) => this.#add(run, ms, null),
      setInterval: (run: () => void, ms: number) => this.#add(run, ms, ms),
      setImmediate: (run: () => void) => this.#addAt(this.#nowMs, run, null),
      clearTimeout: cancel,
      clearInterval: cancel,
      clearImmediate: cancel,
    }
    Object.assign(globalThis, timers)
    // Where it is imported by name: the names of a built-in module follow its object only when told to.
    Object.assign(timersPromises, {
      setTimeout: <T>(ms?: number, value?: T) => this.wait(ms ?? 0, value),
      setImmediate: () => new Promise<void>((resolve) => this.#addAt(this.#nowMs, resolve, null)),
    })
    syncBuiltinESMExports()
    const now = Object.getOwnPropertyDescriptor(performance, 'now')
    Object.defineProperty(performance, 'now', { configurable: true, value: () => this.#nowMs })
    this.#uninstall = () => {
      Object.assign(globalThis, {
        ...{ setTimeout, setInterval, setImmediate },
        ...{ clearTimeout, clearInterval, clearImmediate },
      })
      Object.assign(timersPromises, { setTimeout: delay, setImmediate: nextTurn })
      syncBuiltinESMExports()
      if (now === undefined) Reflect.deleteProperty(performance, 'now')
      else Object.defineProperty(performance, 'now', now)
    }
  }

  uninstall(): void {
    this.#uninstall?.()
    this.#heap.length = 0
  }

  after(ms: number, run: () => void): void {
    this.#add(run, ms, null)
  }

  wait<T>(ms: number, value?: T): Promise<T> {
    return new Promise((resolve) => this.#add(() => resolve(value as T), ms, null))
  }

  /** Lets so much time pass, and everything happen that is due in it. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms
    await settled()
    for (let due = this.#heap[0]; due !== undefined && due.atMs <= untilMs; due = this.#heap[0]) {
      this.#takeFirst()
      if (due.isCancelled) continue
      this.#nowMs = due.atMs
      if (due.everyMs !== null)
        this.#put(Object.assign(due, { atMs: due.atMs + due.everyMs, order: ++this.#order }))
      due.run()
      await settled()
    }
    this.#nowMs = untilMs
  }

  #add(run: () => void, ms: number, everyMs: number | null): Due {
    // As the process's own timers: whole milliseconds, and never at once.
    return this.#addAt(this.#nowMs + Math.max(1, Math.trunc(ms) || 0), run, everyMs)
  }

  #addAt(atMs: number, run: () => void, everyMs: number | null): Due {
    const due = new Due({ run, everyMs, atMs, order: ++this.#order })
    this.#put(due)
    return due
  }

  #put(due: Due): void {
    const heap = this.#heap
    let at = heap.push(due) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!due.isBefore(heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = due
  }

  #takeFirst(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && heap[child + 1]!.isBefore(heap[child]!)) child += 1
      if (!heap[child]!.isBefore(last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
}

function cancel(due: unknown): void {
  if (due instanceof Due) due.isCancelled = true
}

/**
 * Everything that can go on without time has gone on: the process comes to the next tick when no promise is left to be
 * followed. Twice, because one tick may stand before another and begin something. (A turn of the event loop would do
 * as well, and take ten times as long.)
 */
async function settled(): Promise<void> {
  await new Promise<void>((resolve) => process.nextTick(resolve))
  await new Promise<void>((resolve) => process.nextTick(resolve))
}
