import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'

/** Bytes of script, as `gzip -9` packs them. */
export type ScriptBytes = {
  /** Asked for until the first room stood in the list. */
  firstLoad: number
  /** Fetched ahead after that, while nothing else is to be done: the code of a room. */
  ahead: number
}

/** Weighs, from the next load on, every script that comes. Ask when the page is at rest. */
export async function watchScripts(page: Page): Promise<() => Promise<ScriptBytes>> {
  const bodies = new Map<string, Promise<number>>()
  // What the page before still asks for is not counted.
  page.on('framenavigated', (frame) => {
    if (frame === page.mainFrame()) bodies.clear()
  })
  page.on('response', (response) => {
    if (response.request().resourceType() !== 'script' || !response.ok()) return
    bodies.set(
      response.url(),
      response.body().then(
        (body) => gzipSync(body, { level: 9 }).length,
        // Of the page before.
        () => 0,
      ),
    )
  })
  await page.addInitScript(() => {
    const observer = new MutationObserver(() => {
      if (document.querySelector('[data-room]') === null) return
      observer.disconnect()
      Object.assign(window, { firstRowMs: performance.now() })
    })
    observer.observe(document, { childList: true, subtree: true })
  })
  return async () => {
    const ahead = new Set(await page.evaluate(fetchedAhead))
    const total = { firstLoad: 0, ahead: 0 }
    for (const [url, bytes] of bodies) total[ahead.has(url) ? 'ahead' : 'firstLoad'] += await bytes
    return total
  }
}

/** Runs in the page. */
function fetchedAhead(): string[] {
  const { firstRowMs } = window as unknown as { firstRowMs: number }
  const entries = performance.getEntriesByType('resource')
  return entries.filter(({ startTime }) => startTime > firstRowMs).map(({ name }) => name)
}
