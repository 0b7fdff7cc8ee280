/** A choice of this browser, kept beyond the page. */
export type StoredChoice<T extends string> = {
  get(): T
  set(choice: T): void
  /** Told about every change, those made in another tab included. */
  subscribe(onChange: () => void): () => void
}

/**
 * A choice out of `choices`, in the browser's storage under `key`. Where storage is forbidden, or holds something else,
 * it is `fallback`; a choice then lasts as long as the page.
 */
export function createStoredChoice<T extends string>(
  key: string,
  choices: readonly T[],
  fallback: T,
): StoredChoice<T> {
  const listeners = new Set<() => void>()
  const known = (value: string | null) => choices.find((choice) => choice === value) ?? fallback
  let current = known(readItem(key))

  const change = (choice: T) => {
    if (choice === current) return
    current = choice
    for (const listener of listeners) listener()
  }
  addEventListener('storage', (event) => {
    if (event.key === key) change(known(event.newValue))
  })
  return {
    get: () => current,
    set(choice) {
      writeItem(key, choice)
      change(choice)
    },
    subscribe(onChange) {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
  }
}

function readItem(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function writeItem(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Forbidden or full: the choice holds for this page.
  }
}
