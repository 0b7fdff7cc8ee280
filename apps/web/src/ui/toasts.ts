import { createContext, useContext } from 'react'

type Toast = { id: number; text: string }

/** Short messages that come and go by themselves. */
export type Toasts = {
  get(): readonly Toast[]
  show(text: string): void
  dismiss(id: number): void
  subscribe(onChange: () => void): () => void
}

/** Long enough to read two lines of text twice. */
const SHOWN_MS = 5_000

export function createToasts(): Toasts {
  const listeners = new Set<() => void>()
  let toasts: readonly Toast[] = []
  let lastId = 0
  const change = (next: readonly Toast[]) => {
    toasts = next
    for (const listener of listeners) listener()
  }
  const dismiss = (id: number) => change(toasts.filter((toast) => toast.id !== id))
  return {
    get: () => toasts,
    show(text) {
      const id = ++lastId
      // The same words twice are one message that stays longer.
      change([...toasts.filter((toast) => toast.text !== text), { id, text }])
      setTimeout(() => dismiss(id), SHOWN_MS)
    },
    dismiss,
    subscribe(onChange) {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
  }
}

export const ToastsContext = createContext<Toasts | null>(null)

export function useToasts(): Toasts {
  const toasts = useContext(ToastsContext)
  if (toasts === null) throw new Error('useToasts needs a ToastsContext above it')
  return toasts
}
