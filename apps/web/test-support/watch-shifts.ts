import type { Page } from 'playwright-core'

/** Something on the page moved that nobody moved. */
export type Shift = {
  /** Its share of the layout shift score (CLS): how much of the screen moved, times how far. */
  value: number
  /** What moved, from where to where. */
  moved: string[]
}

/** Notes, from the next load on, whatever moves although nobody moved it. `shiftsOf` tells. */
export async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(noteShifts)
}

/** What moved since the last load. */
export function shiftsOf(page: Page): Promise<Shift[]> {
  return page.evaluate(() => (window as unknown as { shifts: Shift[] }).shifts)
}

/** Runs in the page. */
function noteShifts(): void {
  type Source = { node: Node | null; previousRect: DOMRect; currentRect: DOMRect }
  type Entry = { value: number; hadRecentInput: boolean; sources: Source[] }
  const shifts: Shift[] = []
  const place = ({ x, y, width, height }: DOMRect) => [x, y, width, height].map(Math.round).join(' ')
  const nameOf = (node: Node | null) => {
    const element = node instanceof Element ? node : (node?.parentElement ?? null)
    const text = node?.textContent?.trim().slice(0, 24) ?? ''
    return `${element?.tagName.toLowerCase()}.${element?.getAttribute('class') ?? ''} “${text}”`
  }
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries() as unknown as Entry[]) {
      if (hadRecentInput) continue
      const moved = sources.map(
        ({ node, previousRect, currentRect }) =>
          `${nameOf(node)}: ${place(previousRect)} → ${place(currentRect)}`,
      )
      shifts.push({ value, moved })
    }
  }).observe({ type: 'layout-shift', buffered: true })
  Object.assign(window, { shifts })
}
