import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import type { Figure } from './figure.ts'
import { openPage } from './open-page.ts'

/** Slowed like a phone of some years ago. */
const SLOWER = 4

/** What the first load of the messenger brings, when it can be used, and what moves meanwhile. */
export async function measureLoad(browser: Browser, { url, token }: Where): Promise<Figure[]> {
  const page = await openPage(browser, { url, token })
  const bodies: Promise<number>[] = []
  page.on('response', (response) => {
    if (response.request().resourceType() !== 'script' || !response.ok()) return
    bodies.push(response.body().then((body) => gzipSync(body, { level: 9 }).length))
  })
  await page.goto('/')
  await page.locator('[data-room]').first().waitFor()
  await page.waitForLoadState('networkidle')
  const scriptBytes = (await Promise.all(bodies)).reduce((sum, bytes) => sum + bytes, 0)

  const session = await page.context().newCDPSession(page)
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
  const times: { usableMs: number; shifted: number }[] = []
  for (let round = 0; round < 3; round++) {
    await page.reload()
    await page.locator('[data-room]').first().waitFor()
    times.push(await page.evaluate(() => usable()))
  }
  await page.context().close()
  const usableMs = times.map((time) => time.usableMs).sort((a, b) => a - b)[1] ?? Number.NaN
  return [
    { name: 'first load: script, gzip', value: scriptBytes / 1_000, unit: 'KB', most: 170 },
    {
      name: `first load: usable, CPU ${SLOWER}x slowed (median of 3)`,
      value: usableMs,
      unit: 'ms',
      most: 1_500,
    },
    {
      name: 'first load: layout shift',
      value: Math.max(...times.map(({ shifted }) => shifted)),
      unit: '',
      most: 0.001,
    },
  ]
}

type Where = { url: string; token: string }

declare function usable(): Promise<{ usableMs: number; shifted: number }>
