import type { Browser, Page } from 'playwright-core'
import type { Figure } from './figure.ts'
import { openPage, usableAtMs, type Where } from './open-page.ts'
import { costOf } from './page-cost.ts'
import { median, percentile } from './percentiles.ts'
import { type Scrolled, scroll, scrollFigures } from './scroll.ts'

const INSIDE = 'main ol'
const OPENINGS = 3
const OPENS_WITHIN_MS = 10_000
const SCROLL_MS = 4_000
const FAR_SCROLL_MS = 12_000
const MOST_GROWN_MB = 30
const MOST_NODES = 6_000

/** A room with a long history: opened at its first unread message, scrolled, and scrolled far. */
export async function measureRoom(
  browser: Browser,
  where: Where,
  { title, group }: { title: string; group: string },
): Promise<{ figures: Figure[]; down: Scrolled; up: Scrolled }> {
  const openedMs: number[] = []
  let page = await ready(browser, where)
  for (let round = 1; ; round++) {
    openedMs.push(await openRoom(page, title))
    if (round === OPENINGS) break
    await page.context().close()
    page = await ready(browser, where)
  }
  const cost = await costOf(page)
  const before = await cost.settled()
  const down = await scroll(page, { inside: INSIDE, pxPerFrame: 30, forMs: SCROLL_MS })
  const up = await scroll(page, { inside: INSIDE, pxPerFrame: -30, forMs: SCROLL_MS })
  // As far as somebody gets who turns the wheel without a pause.
  const far = await scroll(page, { inside: INSIDE, pxPerFrame: 400, forMs: FAR_SCROLL_MS })
  const after = await cost.settled()
  await page.context().close()
  const figures: Figure[] = [
    {
      group,
      name: `open at the first unread message (median of ${OPENINGS}, each in a new page)`,
      value: median(openedMs),
      unit: 'ms',
      most: 300,
    },
    { group, name: 'open: slowest', value: percentile(openedMs, 1), unit: 'ms' },
    ...scrollFigures(group, 'scrolled down', down),
    ...scrollFigures(group, 'scrolled up', up),
    { group, name: 'scrolled far', value: far.scrolledPx, unit: 'px' },
    {
      group,
      name: 'memory more, after that',
      value: after.heapMb - before.heapMb,
      unit: 'MB',
      most: MOST_GROWN_MB,
    },
    { group, name: 'nodes held by the page, after that', value: after.nodes, unit: '', most: MOST_NODES },
  ]
  return { figures, down, up }
}

/** The list is there, and nothing is on its way. */
async function ready(browser: Browser, where: Where): Promise<Page> {
  const page = await openPage(browser, where)
  await page.goto('/')
  await usableAtMs(page)
  return page
}

/** From the click until the message above which the line stands is drawn on the screen. */
function openRoom(page: Page, title: string): Promise<number> {
  return page.evaluate(
    async ({ title, withinMs }) => {
      const row = [...document.querySelectorAll<HTMLElement>('[data-room]')].find((element) =>
        element.textContent?.includes(title),
      )
      if (row === undefined) throw new Error(`no row says ${title}`)
      const isThere = () => {
        const list = document.querySelector('main ol:not(.invisible)')
        return list?.textContent?.includes('여기부터 새 메시지') === true
      }
      const begin = performance.now()
      row.click()
      while (!isThere()) {
        await new Promise(requestAnimationFrame)
        if (performance.now() - begin > withinMs) throw new Error('the room did not open at a line')
      }
      return performance.now() - begin
    },
    { title, withinMs: OPENS_WITHIN_MS },
  )
}
