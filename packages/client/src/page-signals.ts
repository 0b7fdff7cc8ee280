/** What a page knows of itself and of its network. */
export type PageListener = {
  onVisible: (isVisible: boolean) => void
  onOnline: (isOnline: boolean) => void
}

/**
 * Tells whether somebody can see the page, now and with each change, and whether there is a network when that changes.
 * Where there is no page it tells nothing. @returns what ends it.
 */
export function followPage({ onVisible, onOnline }: PageListener): () => void {
  const { document, addEventListener, removeEventListener } = globalThis as unknown as Partial<Page>
  if (document === undefined || addEventListener === undefined || removeEventListener === undefined)
    return () => {}
  const tellVisible = (): void => onVisible(document.visibilityState === 'visible')
  const online = (): void => onOnline(true)
  const offline = (): void => onOnline(false)
  tellVisible()
  document.addEventListener('visibilitychange', tellVisible)
  addEventListener('online', online)
  addEventListener('offline', offline)
  return () => {
    document.removeEventListener('visibilitychange', tellVisible)
    removeEventListener('online', online)
    removeEventListener('offline', offline)
  }
}

type Listening = (event: string, listener: () => void) => void

/** What is used of a browser's types, which this package does without elsewhere. */
type Page = {
  document: { visibilityState: string; addEventListener: Listening; removeEventListener: Listening }
  addEventListener: Listening
  removeEventListener: Listening
}
