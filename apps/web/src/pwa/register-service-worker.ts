/** Has the page open without a network, and notifications lead back to it; `go` follows one that was pressed. */
export function registerServiceWorker(go: (path: string) => void): void {
  const { serviceWorker } = navigator
  // Absent where the page does not come over TLS.
  if (serviceWorker === undefined || !import.meta.env.PROD) return
  serviceWorker.addEventListener('message', ({ data }: MessageEvent<{ go?: unknown }>) => {
    if (typeof data.go === 'string') go(data.go)
  })
  // Without it everything works but this.
  serviceWorker.register('/sw.js').catch(() => {})
}
