/**
 * A value that changes over time. `get` answers the same reference until the value changes, as React's
 * `useSyncExternalStore` needs it; both functions may be passed around without their object.
 */
export interface Readable<T> {
  readonly get: () => T
  /** Calls back after each change, until the returned function is called. */
  readonly subscribe: (onChange: () => void) => () => void
}

/** A value that is set. */
export interface Writable<T> extends Readable<T> {
  readonly set: (next: T) => void
}

/** A value that is computed from others when somebody asks for it. */
export interface Derived<T> extends Readable<T> {
  /** What it is computed from has changed. */
  readonly invalidate: () => void
}

export function writable<T>(initial: T): Writable<T> {
  const listeners = new Set<() => void>()
  let current = initial
  return {
    get: () => current,
    subscribe: (onChange) => listen(listeners, onChange),
    set: (next) => {
      if (Object.is(next, current)) return
      current = next
      notify(listeners)
    },
  }
}

export function derived<T>(compute: () => T): Derived<T> {
  const listeners = new Set<() => void>()
  let cached: { value: T } | undefined
  return {
    get: () => {
      cached ??= { value: compute() }
      return cached.value
    },
    subscribe: (onChange) => listen(listeners, onChange),
    invalidate: () => {
      cached = undefined
      notify(listeners)
    },
  }
}

function listen(listeners: Set<() => void>, onChange: () => void): () => void {
  // Wrapped, so that the same function subscribed twice is called twice and leaves twice.
  const listener = () => onChange()
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function notify(listeners: ReadonlySet<() => void>): void {
  for (const listener of [...listeners]) listener()
}
