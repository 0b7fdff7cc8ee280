import type { Page } from 'playwright-core'
import type { Window } from './open-window.ts'

/** A notification of the system. */
export type Shown = { title: string; body: string | undefined }

/**
 * Allows notifications of the system for a window that has the page `installed`, puts the page behind another one, and
 * notes every one that it shows from then on. What was shown is not asked of the browser: Chromium forgets one that is
 * being shown while somebody asks for the list.
 */
export async function watchNotifications({ page, rows }: Window): Promise<() => Promise<Shown[]>> {
  await page.context().grantPermissions(['notifications'])
  await page.evaluate(async () => {
    localStorage.setItem('tally.alerts', JSON.stringify({ desktop: true }))
    await navigator.serviceWorker.ready
  })
  await page.reload()
  await rows.first().waitFor()
  await page.evaluate(() => {
    const shown: { title: string; body: string | undefined }[] = []
    const { prototype } = ServiceWorkerRegistration
    const show = prototype.showNotification
    prototype.showNotification = async function (title, options) {
      await show.call(this, title, options)
      shown.push({ title, body: options?.body })
    }
    Object.assign(window, { shown })
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })
    document.dispatchEvent(new Event('visibilitychange'))
  })
  return () => page.evaluate(() => (window as unknown as { shown: Shown[] }).shown)
}

/** Those that the browser still shows. To be asked when no further one is on its way. */
export function shownByBrowser(page: Page): Promise<Shown[]> {
  return page.evaluate(async () => {
    const worker = await navigator.serviceWorker.ready
    return (await worker.getNotifications()).map(({ title, body }) => ({ title, body }))
  })
}
