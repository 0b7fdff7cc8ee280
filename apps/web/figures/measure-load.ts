import type { Browser, CDPSession } from 'playwright-core'
import { watchScripts } from '../test-support/watch-scripts.ts'
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
  const scripts = await watchScripts(page)
  const wireBytes = await weighWire(session)
  await page.goto('/')
  await usableAtMs(page)
  await page.waitForLoadState('networkidle')
  const { firstLoad, ahead } = await scripts()
  const wire = wireBytes()
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
    { group, name: 'script, gzip', value: firstLoad / 1_000, unit: 'KB', most: 170 },
    { group, name: 'script of a room, fetched ahead when idle, gzip', value: ahead / 1_000, unit: 'KB' },
    { group, name: 'all of that, face and style included, over the wire', value: wire / 1_000, unit: 'KB' },
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

/** Counts what comes over the wire from now on. */
async function weighWire(session: CDPSession): Promise<() => number> {
  let bytes = 0
  await session.send('Network.enable')
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
  })
  return () => bytes
}
