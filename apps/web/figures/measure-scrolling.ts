import type { Browser, CDPSession, Page } from 'playwright-core'
import type { Figure } from './figure.ts'
import { openPage } from './open-page.ts'

const SCROLL_MS = 4_000
/** The screen of a headless browser is drawn 60 times a second. */
const LEAST_FRAMES = 58
const MOST_MEGABYTES = 60
const MOST_ELEMENTS = 2_500

type Where = { url: string; token: string }

/** A room with a long history: opened at its first unread message, and scrolled. */
export async function measureRoom(browser: Browser, where: Where, title: string): Promise<Figure[]> {
  const page = await openPage(browser, where)
  await page.goto('/')
  const row = page.locator('[data-room]').filter({ hasText: title })
  await row.waitFor()
  await page.waitForLoadState('networkidle')
  const heap = await heapOf(page)
  const before = await heap.megabytes()
  const openedMs = await page.evaluate(async (wanted) => {
    const link = [...document.querySelectorAll<HTMLElement>('[data-room]')].find((element) =>
      element.textContent?.includes(wanted),
    )
    const begin = performance.now()
    link?.click()
    const isThere = () =>
      document.querySelector('main ol:not(.invisible) li') !== null &&
      document.querySelector('main ol')?.textContent?.includes('여기부터 새 메시지') === true
    while (!isThere()) await new Promise(requestAnimationFrame)
    return performance.now() - begin
  }, title)
  const down = await page.evaluate(
    (forMs) => scrollFrames({ inside: 'main ol', pxPerFrame: 30, forMs }),
    SCROLL_MS,
  )
  const up = await page.evaluate(
    (forMs) => scrollFrames({ inside: 'main ol', pxPerFrame: -30, forMs }),
    SCROLL_MS,
  )
  // As far as somebody gets who turns the wheel without a pause.
  await page.evaluate(() => scrollFrames({ inside: 'main ol', pxPerFrame: 400, forMs: 15_000 }))
  const grown = (await heap.megabytes()) - before
  const elementCount = await page.evaluate(() => elements())
  await page.context().close()
  return [
    { name: `${title}: opened at the first unread message`, value: openedMs, unit: 'ms', most: 300 },
    { name: `${title}: scrolled down`, value: down.framesPerSecond, unit: 'frames/s', least: LEAST_FRAMES },
    { name: `${title}: scrolled up`, value: up.framesPerSecond, unit: 'frames/s', least: LEAST_FRAMES },
    { name: `${title}: memory after 15 s of fast scrolling`, value: grown, unit: 'MB', most: MOST_MEGABYTES },
    { name: `${title}: elements on the page after that`, value: elementCount, unit: '', most: MOST_ELEMENTS },
  ]
}

/** A long list of rooms: there, scrolled, and all of it loaded. */
export async function measureList(browser: Browser, where: Where, rooms: number): Promise<Figure[]> {
  const page = await openPage(browser, where)
  await page.goto('/')
  await page.locator('[data-room]').first().waitFor()
  const { usableMs } = await page.evaluate(() => usable())
  const heap = await heapOf(page)
  const before = await heap.megabytes()
  const scrolled = await page.evaluate(
    (forMs) => scrollFrames({ inside: 'nav ul', pxPerFrame: 30, forMs }),
    SCROLL_MS,
  )
  const last = page.locator('[data-room]').filter({ hasText: `${rooms}번 공고` })
  for (let round = 0; round < 60 && (await last.count()) === 0; round++) {
    await page.evaluate(() => scrollFrames({ inside: 'nav ul', pxPerFrame: 100_000, forMs: 500 }))
  }
  if ((await last.count()) === 0) throw new Error('the end of the list was not reached')
  const up = await page.evaluate(
    (forMs) => scrollFrames({ inside: 'nav ul', pxPerFrame: -30, forMs }),
    SCROLL_MS,
  )
  const grown = (await heap.megabytes()) - before
  const elementCount = await page.evaluate(() => elements())
  await page.context().close()
  const name = `${rooms} rooms`
  return [
    { name: `${name}: usable`, value: usableMs, unit: 'ms', most: 1_000 },
    {
      name: `${name}: scrolled while loading`,
      value: scrolled.framesPerSecond,
      unit: 'frames/s',
      least: LEAST_FRAMES,
    },
    {
      name: `${name}: scrolled with all of them`,
      value: up.framesPerSecond,
      unit: 'frames/s',
      least: LEAST_FRAMES,
    },
    { name: `${name}: memory of all of them`, value: grown, unit: 'MB', most: MOST_MEGABYTES },
    { name: `${name}: elements on the page`, value: elementCount, unit: '', most: MOST_ELEMENTS },
  ]
}

/** What the page's heap holds that is still in use. */
async function heapOf(page: Page): Promise<{ megabytes: () => Promise<number> }> {
  const session: CDPSession = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.enable')
  return {
    async megabytes() {
      await session.send('HeapProfiler.collectGarbage')
      const { usedSize } = await session.send('Runtime.getHeapUsage')
      return usedSize / 1_000_000
    },
  }
}

declare function usable(): Promise<{ usableMs: number; shifted: number }>
declare function elements(): number
declare function scrollFrames(options: {
  inside: string
  pxPerFrame: number
  forMs: number
}): Promise<{ framesPerSecond: number; lateShare: number }>
