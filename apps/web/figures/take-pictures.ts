import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'

/** So many messages make a line of times that says something. */
const SAID = 16

/** The pictures of the README: side by side, and the messenger. Before anything is seeded: with the demo people as they start. */
export async function takePictures(browser: Browser, url: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const messenger = await open(browser, `${url}/`, { language: 'ko-KR', height: 800 })
  await messenger.getByRole('button', { name: /김민준/ }).click()
  await messenger.locator('[data-room]').filter({ hasText: '서울 물류센터' }).click()
  await messenger.getByText('야간 근무').first().waitFor()
  await take(messenger, join(folder, 'messenger.png'))

  const demo = await open(browser, `${url}/demo`, { language: 'en-US', height: 930 })
  const company = demo.getByRole('region', { name: /Phone of/ }).nth(1)
  const total = async () => Number(await company.locator('[data-badge]').first().getAttribute('data-badge'))
  const say = demo.getByRole('button', { name: 'Say something' })
  await say.waitFor()
  const before = (await company.locator('[data-badge]').count()) === 0 ? 0 : await total()
  for (let said = 1; said <= SAID; said++) {
    await say.click()
    await demo.waitForFunction(
      (wanted) => document.querySelector(`[aria-label^="Phone of"] [data-badge="${wanted}"]`) !== null,
      before + said,
    )
  }
  // Every badge is recounted once things are quiet.
  await demo
    .locator('[data-checks]')
    .getByText(/recounted/)
    .waitFor()
  await take(demo, join(folder, 'demo.png'))
}

async function open(
  browser: Browser,
  address: string,
  { language, height }: { language: string; height: number },
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1_280, height },
    locale: language,
    timezoneId: 'Asia/Seoul',
  })
  const page = await context.newPage()
  await page.goto(address)
  return page
}

async function take(page: Page, path: string): Promise<void> {
  // Nothing is pointed at, and nothing is on its way.
  await page.mouse.move(2, 2)
  await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'))
  await page.screenshot({ path })
  await page.context().close()
}
