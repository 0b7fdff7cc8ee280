import type { Browser, Page } from 'playwright-core'

/** A page of somebody who is signed in, which watches itself from its first moment. */
export async function openPage(
  browser: Browser,
  { url, token }: { url: string; token: string },
): Promise<Page> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: 1_280, height: 800 },
    locale: 'ko-KR',
    timezoneId: 'Asia/Seoul',
    serviceWorkers: 'block',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  await page.addInitScript((given) => sessionStorage.setItem('tally.token', given), token)
  await page.addInitScript(watchPage)
  return page
}

/** Runs in the page. */
function watchPage(): void {
  let shifted = 0
  let lastLongTaskEndMs = 0
  let firstRowMs = 0
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[]) {
      if (!entry.hadRecentInput) shifted += entry.value
    }
  }).observe({ type: 'layout-shift', buffered: true })
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) lastLongTaskEndMs = startTime + duration
  }).observe({ type: 'longtask', buffered: true })
  const look = () => {
    if (document.querySelector('[data-room]') === null) requestAnimationFrame(look)
    else firstRowMs = performance.now()
  }
  requestAnimationFrame(look)
  const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve))
  Object.assign(window, {
    /** The list is painted, and the thread was free for half a second after that: then since when it has been. */
    async usable() {
      const quietSince = () => Math.max(firstRowMs, lastLongTaskEndMs)
      while (firstRowMs === 0 || performance.now() - quietSince() < 500) await frame()
      return { usableMs: quietSince(), shifted }
    },
    /** Scrolls the place that has `inside` by so much a frame, and counts the frames. */
    async scrollFrames({ inside, pxPerFrame, forMs }: { inside: string; pxPerFrame: number; forMs: number }) {
      let scroller = document.querySelector(inside)
      while (scroller !== null && !/auto|scroll/.test(getComputedStyle(scroller).overflowY)) {
        scroller = scroller.parentElement
      }
      if (scroller === null) throw new Error(`nothing scrolls around ${inside}`)
      const gaps: number[] = []
      const begin = await frame()
      let last = begin
      while (last - begin < forMs) {
        scroller.scrollTop += pxPerFrame
        const now = await frame()
        gaps.push(now - last)
        last = now
      }
      const late = gaps.filter((gap) => gap > 25).length
      return { framesPerSecond: (gaps.length / (last - begin)) * 1_000, lateShare: late / gaps.length }
    },
    elements: () => document.querySelectorAll('*').length,
  })
}
