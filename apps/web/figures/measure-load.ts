import { gzipSync } from 'node:zlib'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { shiftsOf } from '../test-support/watch-shifts.ts'
import type { Figure } from './figure.ts'
import { openPage, usableAtMs, type Where } from './open-page.ts'
import { median } from './percentiles.ts'
import { progress } from './progress.ts'

/** Slowed like a phone of some years ago. */
const SLOWER = 4
const ROUNDS = 3

/** What the first load of the messenger brings, when it can be used, and what moves meanwhile. */
export async function measureLoad(browser: Browser, where: Where): Promise<{ figures: Figure[] }> {
  const page = await openPage(browser, where)
  const session = await page.context().newCDPSession(page)
  const bytes = await weigh(page, session)
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
  const usableMs: number[] = []
  let shift = 0
  for (let round = 0; round < ROUNDS; round++) {
    await page.reload()
    usableMs.push(await usableAtMs(page))
    for (const { value, moved } of await shiftsOf(page)) {
      shift += value
      progress(`  moved (${value.toFixed(6)}): ${moved.join('; ')}`)
    }
  }
  await page.context().close()
  const group = 'first load'
  const figures = [
    { group, name: 'script, gzip', value: bytes.script / 1_000, unit: 'KB', most: 170 },
    { group, name: 'everything, as it comes over the wire', value: bytes.wire / 1_000, unit: 'KB' },
    {
      group,
      name: `usable, CPU ${SLOWER}× slowed (median of ${ROUNDS})`,
      value: median(usableMs),
      unit: 'ms',
      most: 1_500,
    },
    { group, name: `layout shift (sum of ${ROUNDS} loads)`, value: shift, unit: '', most: 0 },
  ]
  return { figures }
}

/** Loads the page once with nothing in the cache. */
async function weigh(page: Page, session: CDPSession): Promise<{ script: number; wire: number }> {
  const bodies: Promise<number>[] = []
  let wire = 0
  await session.send('Network.enable')
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    wire += encodedDataLength
  })
  page.on('response', (response) => {
    if (response.request().resourceType() !== 'script' || !response.ok()) return
    bodies.push(response.body().then((body) => gzipSync(body, { level: 9 }).length))
  })
  await page.goto('/')
  await usableAtMs(page)
  const sizes = await Promise.all(bodies)
  return { script: sizes.reduce((sum, size) => sum + size, 0), wire }
}
