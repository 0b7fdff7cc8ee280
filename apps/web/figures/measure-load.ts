import type { Browser, CDPSession, Page } from 'playwright-core'
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
  const settingsShift = await shiftOfSettings(page)
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
    {
      group: 'settings',
      name: 'layout shift while what the server knows comes, CPU slowed',
      value: settingsShift,
      unit: '',
      most: 0,
    },
  ]
  return { figures }
}

/** What moves in the settings of somebody who has made use of them, from when they open to when all of them is there. */
async function shiftOfSettings(page: Page): Promise<number> {
  const before = (await shiftsOf(page)).length
  // Not by the pointer: what moves right after that is taken to be meant.
  await page.getByRole('button', { name: '설정' }).evaluate((button: HTMLElement) => button.click())
  await page.getByRole('heading', { name: '로그인한 기기' }).waitFor()
  // What has changed is drawn, and what that moved is told.
  for (let frame = 0; frame < 3; frame++)
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))))
  const moved = (await shiftsOf(page)).slice(before)
  for (const { value, moved: what } of moved) progress(`  moved (${value.toFixed(6)}): ${what.join('; ')}`)
  return moved.reduce((sum, { value }) => sum + value, 0)
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
