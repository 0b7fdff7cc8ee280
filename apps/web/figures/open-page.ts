import type { Browser, Page } from 'playwright-core'
import { watchShifts } from '../test-support/watch-shifts.ts'

/** Whose page it is, and where. */
export type Where = { url: string; token: string }

/** A page of somebody who is signed in, which watches itself from its first moment. */
export async function openPage(browser: Browser, { url, token }: Where): Promise<Page> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: 1_280, height: 800 },
    locale: 'ko-KR',
    timezoneId: 'Asia/Seoul',
    serviceWorkers: 'block',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await watchShifts(page)
  await page.addInitScript((given) => sessionStorage.setItem('tally.token', given), token)
  await page.addInitScript(watchPage)
  return page
}

/**
 * Since when the page can be used (ms since its start): the list is drawn, and the thread was free of long tasks for
 * half a second after that.
 */
export function usableAtMs(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as Watched).usableAtMs())
}

/** How long after the page had asked for the rooms the first of them stood on the screen. */
export function listedAfterMs(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as Watched).listedAfterMs())
}

type Watched = { usableAtMs(): Promise<number>; listedAfterMs(): number }

/** Runs in the page. */
function watchPage(): void {
  const QUIET_MS = 500
  let lastLongTaskEndMs = 0
  let firstRowMs = 0
  let askedMs = 0
  const { send } = WebSocket.prototype
  WebSocket.prototype.send = function (data) {
    if (askedMs === 0 && String(data).includes('["sync"')) askedMs = performance.now()
    send.call(this, data)
  }
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) lastLongTaskEndMs = startTime + duration
  }).observe({ type: 'longtask', buffered: true })
  const look = () => {
    if (document.querySelector('[data-room]') === null) requestAnimationFrame(look)
    else firstRowMs = performance.now()
  }
  requestAnimationFrame(look)
  const usableAtMs = () =>
    new Promise<number>((resolve) => {
      const ask = () => {
        const quietSinceMs = Math.max(firstRowMs, lastLongTaskEndMs)
        const done = firstRowMs > 0 && performance.now() - quietSinceMs >= QUIET_MS
        if (done) resolve(quietSinceMs)
        else requestAnimationFrame(ask)
      }
      ask()
    })
  const listedAfterMs = () => (askedMs === 0 ? Number.NaN : firstRowMs - askedMs)
  Object.assign(window, { usableAtMs, listedAfterMs })
}
