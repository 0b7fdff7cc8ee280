import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { TestServer } from '../../client/test/test-server.ts'
import { until } from '../../client/test/until.ts'
import { type OpenPage, openPage, startBrowser } from './browser.ts'
import { serveTestPage } from './test-page.ts'

const soon = { timeout: 20_000 }
const require = createRequire(import.meta.url)
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

let server: TestServer
let browser: Browser
let site: Awaited<ReturnType<typeof serveTestPage>>
const pages: OpenPage[] = []

beforeAll(async () => {
  ;[server, browser] = await Promise.all([TestServer.start('postgres'), startBrowser()])
  site = await serveTestPage({ tally: server.url, host: server.url })
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await site?.stop()
  await server?.remove()
})

afterEach(async () => {
  await Promise.all(pages.splice(0).map(({ context }) => context.close()))
  await server.endRound()
})

type AxeResult = { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }
declare const axe: { run: (context: Element | null, options: object) => Promise<AxeResult> }

/** What axe finds wrong in the components as they stand, by WCAG 2.2 AA. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  // What is on its way in or out has colours that nobody reads. What moves for ever is meant to.
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        ({ playState, effect }) => playState !== 'running' || effect?.getTiming().iterations === Infinity,
      ),
  )
  const found = await page.evaluate(() =>
    axe.run(document.getElementById('root'), {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    }),
  )
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)}\n${failureSummary}`),
  )
}

/** bob's page with a room in which ann wrote, everything a host can put on it. */
async function messenger(prepare?: (page: Page) => Promise<unknown>) {
  const roomId = await server.room('ann', 'bob')
  const ann = await server.signIn('ann')
  ann.room(roomId).open()
  for (const line of ['hello', 'are you there?']) ann.room(roomId).send(line)
  await until(ann.room(roomId).state, (room) => room?.seq === 2)
  const query = new URLSearchParams({ token: server.token('bob'), room: roomId })
  const opened = await openPage(browser, `${site.url}/?${query}`, prepare === undefined ? {} : { prepare })
  pages.push(opened)
  const { page } = opened
  await page.getByRole('article').nth(1).waitFor()
  return { page, room: ann.room(roomId) }
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Write a message' }).fill(text)
  await page.keyboard.press('Enter')
  await page.getByRole('article', { name: 'You' }).filter({ hasText: text }).waitFor()
}

describe('the components', { timeout: 90_000 }, () => {
  test.each(['light', 'dark'] as const)('can be used by everybody (%s)', async (colorScheme) => {
    const { page } = await messenger((it) => it.emulateMedia({ colorScheme }))
    await say(page, 'I am here')
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: /Notifications/ }).click()
    await page.getByRole('dialog', { name: 'Notifications' }).waitFor()
    expect(await violations(page)).toEqual([])
  })

  test('work without our styles: what is read, written and counted needs none of them', async () => {
    const { page, room } = await messenger((it) =>
      it.route(/\.css$/, (route) => route.fulfill({ contentType: 'text/css', body: '' })),
    )
    const color = () =>
      page
        .locator('.tally')
        .first()
        .evaluate((it) => getComputedStyle(it).getPropertyValue('--tally-ink'))
    expect(await color()).toBe('')
    await say(page, 'plain, and here all the same')
    room.send('a third one')
    // Where nothing bounds the list, the page itself scrolls: what is below its edge was not seen.
    await page.getByRole('article').filter({ hasText: 'a third one' }).scrollIntoViewIfNeeded()
    await expect
      .poll(() => room.state.get()?.members.find(({ userId }) => userId === server.id('bob'))?.readSeq, soon)
      .toBe(4)
    expect(await violations(page)).toEqual([])
  })

  test('take their colours from the page’s own variables', async () => {
    const { page } = await messenger()
    await page.addStyleTag({
      content: ':root { --tally-raised: rgb(1, 2, 3); --tally-ink: rgb(250, 240, 230) }',
    })
    const look = await page.locator('.tally-chat').evaluate((room) => {
      const { color, backgroundColor } = getComputedStyle(room)
      return { color, backgroundColor }
    })
    expect(look).toEqual({ color: 'rgb(250, 240, 230)', backgroundColor: 'rgb(1, 2, 3)' })
  })
})
