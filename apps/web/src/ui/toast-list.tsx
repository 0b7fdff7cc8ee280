import { useSyncExternalStore } from 'react'
import { useToasts } from './toasts.ts'

/** Where the short messages appear; read out when they come. */
export function ToastList() {
  const toasts = useToasts()
  const shown = useSyncExternalStore(toasts.subscribe, toasts.get)
  return (
    <div
      aria-live="polite"
      className="pointer-events-none fixed inset-x-4 bottom-24 z-50 flex flex-col items-center gap-2"
      role="status"
    >
      {shown.map((toast) => (
        <button
          className="pointer-events-auto animate-rise rounded-2 bg-ink px-4 py-2 text-2 text-paper shadow-raised"
          key={toast.id}
          onClick={() => toasts.dismiss(toast.id)}
          type="button"
        >
          {toast.text}
        </button>
      ))}
    </div>
  )
}
