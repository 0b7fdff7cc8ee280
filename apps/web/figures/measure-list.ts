import type { Browser, Page } from 'playwright-core'
import type { Figure } from './figure.ts'
import { listedAfterMs, openPage, usableAtMs, type Where } from './open-page.ts'
import { costOf } from './page-cost.ts'
import { median, percentile } from './percentiles.ts'
import { type Scrolled, scroll, scrollFigures } from './scroll.ts'

const INSIDE = 'nav ul'
const SCROLL_MS = 4_000
const LOAD_WITHIN_MS = 40_000
const OPENINGS = 3
const MOST_GROWN_MB = 30
const MOST_NODES = 4_000

/** A long list of rooms: there, scrolled while it loads, and scrolled when all of it is there. */
export async function measureList(
  browser: Browser,
  where: Where,
  { group, lastRoom }: { group: string; lastRoom: string },
): Promise<{ figures: Figure[]; scrolled: Scrolled }> {
  const usableMs: number[] = []
  const listedMs: number[] = []
  let page = await openPage(browser, where)
  for (let round = 1; ; round++) {
    await page.goto('/')
    usableMs.push(await usableAtMs(page))
    listedMs.push(await listedAfterMs(page))
    if (round === OPENINGS) break
    await page.context().close()
    page = await openPage(browser, where)
  }
  const cost = await costOf(page)
  const before = await cost.settled()
  const loading = await scroll(page, { inside: INSIDE, pxPerFrame: 30, forMs: SCROLL_MS })
  const loadedMs = await loadAll(page, lastRoom)
  const scrolled = await scroll(page, { inside: INSIDE, pxPerFrame: -30, forMs: SCROLL_MS })
  const after = await cost.settled()
  const jumpedMs = await jump(page)
  const shownMs = await showAgain(page)
  await page.context().close()
  const figures: Figure[] = [
    {
      group,
      name: `opens: from asking the server for it to its first rooms (median of ${OPENINGS}, each in a new page)`,
      value: median(listedMs),
      unit: 'ms',
      most: 300,
    },
    { group, name: 'opens: slowest', value: percentile(listedMs, 1), unit: 'ms' },
    {
      group,
      name: 'opens anew with all of them loaded, from the click',
      value: shownMs,
      unit: 'ms',
      most: 300,
    },
    {
      group,
      name: 'from the address, scripts and connection included, to usable (median)',
      value: median(usableMs),
      unit: 'ms',
      most: 1_500,
    },
    ...scrollFigures(group, 'scrolled while it loads', loading),
    { group, name: 'all of them loaded by scrolling on, after', value: loadedMs, unit: 'ms' },
    ...scrollFigures(group, 'scrolled with all of them', scrolled),
    { group, name: 'from the end to the first room by keyboard', value: jumpedMs, unit: 'ms', most: 300 },
    {
      group,
      name: 'memory more, with all of them',
      value: after.heapMb - before.heapMb,
      unit: 'MB',
      most: MOST_GROWN_MB,
    },
    {
      group,
      name: 'nodes held by the page, with all of them',
      value: after.nodes,
      unit: '',
      most: MOST_NODES,
    },
  ]
  return { figures, scrolled }
}

/** Scrolls to the end again and again until the last room is there. */
function loadAll(page: Page, lastRoom: string): Promise<number> {
  return page.evaluate(
    async ({ lastRoom, withinMs }) => {
      const scroller = document.querySelector('nav ul')?.parentElement
      if (scroller == null) throw new Error('there is no list')
      const isThere = () =>
        [...document.querySelectorAll('[data-room]')].some((row) => row.textContent?.includes(lastRoom))
      const begin = performance.now()
      while (!isThere()) {
        scroller.scrollTop = scroller.scrollHeight
        await new Promise(requestAnimationFrame)
        if (performance.now() - begin > withinMs) throw new Error('the end of the list was not reached')
      }
      return performance.now() - begin
    },
    { lastRoom, withinMs: LOAD_WITHIN_MS },
  )
}

/** Home, pressed at the end of the list, until the first row has the focus. */
async function jump(page: Page): Promise<number> {
  await page.locator('[data-room]').last().focus()
  await page.evaluate(() => {
    document.addEventListener('keydown', () => Object.assign(window, { pressedAtMs: performance.now() }), {
      capture: true,
      once: true,
    })
    document.addEventListener('focusin', (event) => {
      const first = (event.target as Element).closest('[data-index="0"]')
      if (first !== null) Object.assign(window, { jumpedAtMs: performance.now() })
    })
  })
  await page.keyboard.press('Home')
  await page.waitForFunction(() => 'jumpedAtMs' in window)
  return page.evaluate(() => {
    const { pressedAtMs, jumpedAtMs } = window as unknown as { pressedAtMs: number; jumpedAtMs: number }
    return jumpedAtMs - pressedAtMs
  })
}

/** From the click on the whole list, while another filter shows nothing, until its rooms are on the screen. */
async function showAgain(page: Page): Promise<number> {
  await page.getByRole('button', { name: '알림 끔' }).click()
  await page.getByText('알림을 끈 대화가 없습니다.').waitFor()
  return page.getByRole('button', { name: '전체' }).evaluate(async (all: HTMLElement) => {
    const begin = performance.now()
    all.click()
    while (document.querySelector('[data-room]') === null) await new Promise(requestAnimationFrame)
    await new Promise(requestAnimationFrame)
    return performance.now() - begin
  })
}
