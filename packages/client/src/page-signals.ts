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
  const { document, addEventListener } = globalThis as unknown as Partial<Page>
  const following = new AbortController()
  if (document !== undefined && addEventListener !== undefined) {
    const tellVisible = (): void => onVisible(document.visibilityState === 'visible')
    tellVisible()
    document.addEventListener('visibilitychange', tellVisible, following)
    addEventListener('online', () => onOnline(true), following)
    addEventListener('offline', () => onOnline(false), following)
  }
  return () => following.abort()
}

type Listening = (event: string, listener: () => void, until: { readonly signal: AbortSignal }) => void

/** What is used of a browser's types, which this package does without elsewhere. */
type Page = {
  document: { visibilityState: string; addEventListener: Listening }
  addEventListener: Listening
}
