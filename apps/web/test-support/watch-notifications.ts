import type { Page } from 'playwright-core'

/** A notification of the system. */
export type Shown = { title: string; body: string | undefined }

/**
 * Notes every notification of the system that the page as it stands has shown. What was shown is not asked of the browser:
 * Chromium forgets one that is being shown while somebody asks for the list.
 */
export async function watchNotifications(page: Page): Promise<() => Promise<Shown[]>> {
  await page.evaluate(() => {
    const shown: { title: string; body: string | undefined }[] = []
    const { prototype } = ServiceWorkerRegistration
    const show = prototype.showNotification
    prototype.showNotification = async function (title, options) {
      await show.call(this, title, options)
      shown.push({ title, body: options?.body })
    }
    Object.assign(window, { shown })
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
