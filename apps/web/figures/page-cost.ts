import type { Page } from 'playwright-core'

/** What a page costs its browser, as the browser says. */
export type PageCost = {
  /** What is in use after a collection of garbage. */
  heapMb: number
  /** Nodes that exist, also those that are in no document any more but are still held. */
  nodes: number
  /** How long the thread has been busy, and with what, since the page began. */
  busy: { allMs: number; scriptMs: number; layoutMs: number; styleMs: number }
}

/** Asks for the cost of a page; `settled` collects its garbage before. */
export async function costOf(
  page: Page,
): Promise<{ now(): Promise<PageCost>; settled(): Promise<PageCost> }> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'timeTicks' })
  await session.send('HeapProfiler.enable')
  const now = async (): Promise<PageCost> => {
    const { metrics } = await session.send('Performance.getMetrics')
    const value = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN
    return {
      heapMb: value('JSHeapUsedSize') / 1_000_000,
      nodes: value('Nodes'),
      busy: {
        allMs: value('TaskDuration') * 1_000,
        scriptMs: value('ScriptDuration') * 1_000,
        layoutMs: value('LayoutDuration') * 1_000,
        styleMs: value('RecalcStyleDuration') * 1_000,
      },
    }
  }
  return {
    now,
    async settled() {
      await session.send('HeapProfiler.collectGarbage')
      return now()
    },
  }
}
