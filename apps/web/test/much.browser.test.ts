import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { createTestDatabase } from '../../../packages/server/test-support/test-database.ts'
import { LAST_ROOM, LONG_ROOM_TITLE, READER, seed } from '../figures/seed.ts'
import { settleIn } from '../figures/settle-in.ts'
import { FACE_WAIT_MS } from '../src/ui/with-face.tsx'
import type { Window, WindowOptions } from '../test-support/open-window.ts'
import { startServer } from '../test-support/start-server.ts'
import { testWindows } from '../test-support/test-windows.ts'
import { watchScripts } from '../test-support/watch-scripts.ts'
import { shiftsOf, watchShifts } from '../test-support/watch-shifts.ts'

const soon = { timeout: 20_000 }
const MESSAGES = 3_000
const ROOMS = 400
const SERVER_KEY = 'the-key-of-the-host-in-these-tests'

const windows = testWindows(async () => {
  const database = await createTestDatabase('postgres')
  if (!('databaseUrl' in database.options)) throw new Error('a database on a server is meant')
  const { databaseUrl } = database.options
  const server = await startServer({ databaseUrl, serverKey: SERVER_KEY })
  await seed(databaseUrl, { messages: MESSAGES, rooms: ROOMS })
  return {
    url: server.url,
    async stop() {
      await server.stop()
      await database.drop()
    },
  }
})

async function readerToken(): Promise<string> {
  const answer = await fetch(`${windows.url}/dev/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userId: READER, name: '읽는 사람', userType: 'job_seeker' }),
  })
  return ((await answer.json()) as { token: string }).token
}

/** A window of somebody with a long room and many others, on the page from its first moment on. */
async function openReader(
  prepare: (window: Window) => Promise<unknown> = async () => {},
  options: Omit<WindowOptions, 'url'> = {},
): Promise<Window> {
  const window = await windows.openAt('/', options)
  const token = await readerToken()
  await window.page.addInitScript((given) => sessionStorage.setItem('tally.token', given), token)
  await prepare(window)
  await window.page.reload()
  await window.rows.first().waitFor()
  return window
}

/** Everything that exists on the page, in the order it was made. */
const elements = ({ page }: Window) => page.evaluate(() => document.querySelectorAll('*').length)

describe('the first load', { timeout: 90_000 }, () => {
  test('brings at most 170 KB of script (gzip) before the list is there', async () => {
    let scripts: Awaited<ReturnType<typeof watchScripts>> | undefined
    const window = await openReader(async ({ page }) => {
      scripts = await watchScripts(page)
    })
    await window.page.waitForLoadState('networkidle')
    const { firstLoad, ahead } = (await scripts?.()) ?? { firstLoad: 0, ahead: 0 }
    expect(firstLoad).toBeGreaterThan(100_000)
    expect(firstLoad).toBeLessThanOrEqual(170_000)
    expect(ahead).toBeLessThanOrEqual(25_000)
  })

  test.each(['ko', 'en'] as const)('moves nothing when the face comes (%s)', async (language) => {
    const prepare = async ({ page }: Window) => {
      const session = await page.context().newCDPSession(page)
      await session.send('Network.setCacheDisabled', { cacheDisabled: true })
      await watchShifts(page)
      // A busy machine may need longer for the face than anybody is to wait for it.
      await page.addInitScript((waitMs) => {
        const real = setTimeout
        const patient = (act: () => void, ms?: number) => real(act, ms === waitMs ? 60_000 : ms)
        Object.assign(window, { setTimeout: patient })
      }, FACE_WAIT_MS)
    }
    const window = await openReader(prepare, { language })
    await window.page.waitForLoadState('networkidle')
    expect(await shiftsOf(window.page)).toEqual([])
  })
})

describe('the settings', { timeout: 90_000 }, () => {
  test('stay where they are when what the server knows of the person comes', async () => {
    const where = { url: windows.url, token: await readerToken() }
    await settleIn(where, { userId: READER, serverKey: SERVER_KEY, blocked: ['demo-lan', 'demo-seoyeon'] })
    let isListed: Promise<unknown> | undefined
    const prepare = async ({ page }: Window) => {
      await watchShifts(page)
      isListed = page.waitForResponse(
        (answer) => answer.url().includes('/v1/devices') && answer.request().method() !== 'GET',
      )
    }
    const { page } = await openReader(prepare, { height: 1_400 })
    await isListed
    const { promise: isDrawn, resolve: drawn } = Promise.withResolvers<void>()
    await page.route(/\/v1\/(preferences|devices|blocks)/, async (route) => {
      if (route.request().method() === 'GET') await isDrawn
      await route.continue()
    })
    // Not by the pointer: what moves right after that is taken to be meant.
    await page.getByRole('button', { name: '설정' }).evaluate((button: HTMLElement) => button.click())
    await page.getByRole('heading', { name: '설정' }).waitFor()
    await page.getByText('메시지 소리').waitFor()
    await frames(page)
    const dialog = page.getByRole('dialog')
    const before = await dialog.boundingBox()
    await page.evaluate(() => (window as unknown as { shifts: unknown[] }).shifts.splice(0))
    drawn()
    await page.getByRole('switch', { name: '메시지: 푸시' }).waitFor()
    await page.getByText('지금 이 기기').waitFor()
    await page.getByRole('button', { name: '차단 풀기' }).last().waitFor()
    await page.getByLabel('시간대').waitFor()
    await frames(page)
    expect(await shiftsOf(page)).toEqual([])
    expect(await dialog.boundingBox()).toEqual(before)
  })
})

describe('a long room', { timeout: 90_000 }, () => {
  test('opens at its first unread message, also when the read ones above it come first', async () => {
    const window = await openReader()
    const { page } = window
    const readPart = page.waitForResponse(/messages\?before=/)
    await page.route(/messages\?after=/, async (route) => {
      await readPart
      // What has come is drawn before the rest comes.
      await page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      )
      await route.continue()
    })
    await window.openRoom(LONG_ROOM_TITLE)
    const line = page.getByText('여기부터 새 메시지', { exact: true })
    await line.waitFor()
    const first = window.message(`${MESSAGES / 2 + 1}번째 메시지.`)
    await expect.poll(() => first.isVisible(), soon).toBe(true)
    const [above, below] = await Promise.all([line.boundingBox(), first.boundingBox()])
    expect(above?.y).toBeLessThan(below?.y ?? 0)
    await window.keepScreenshot('much-first-unread-light-ko')
  })

  test('holds only what is near the screen, however far one scrolls', async () => {
    const window = await openReader()
    await window.openRoom(LONG_ROOM_TITLE)
    await window.page.getByRole('list', { name: '메시지' }).getByRole('listitem').first().waitFor()
    await scrollUntil(window, 'main ol', `${MESSAGES}번째 메시지.`)
    expect(await window.page.locator('main ol li').count()).toBeLessThan(100)
    expect(await elements(window)).toBeLessThan(2_000)
  })
})

describe('a long list', { timeout: 90_000 }, () => {
  test('is one stop for Tab: where one was in it, else what is on the screen', async () => {
    const window = await openReader()
    const { page } = window
    const roomInFocus = () => page.evaluate(() => document.activeElement?.getAttribute('data-room') ?? null)
    const first = await window.rows.first().getAttribute('data-room')
    await window.rows.first().focus()
    await page.keyboard.press('End')
    await expect.poll(roomInFocus, soon).not.toBe(first)
    await expect.poll(roomInFocus, soon).not.toBe(null)
    const used = await roomInFocus()
    // Also when it was scrolled away meanwhile.
    for (const isScrolled of [false, true]) {
      await page.keyboard.press('Tab')
      expect(await roomInFocus()).toBe(null)
      if (isScrolled)
        await page.locator('nav ul').evaluate((list) => list.parentElement?.scrollTo({ top: 0 }))
      await frames(page)
      await page.keyboard.press('Shift+Tab')
      expect(await roomInFocus()).toBe(used)
    }

    await page.reload()
    await window.rows.first().waitFor()
    await page.locator('nav ul li').first().hover()
    await page.mouse.wheel(0, 4_000)
    await expect.poll(() => page.evaluate(tabStopOnScreen), soon).toBeGreaterThan(20)
  })

  test('holds only what is near the screen, to its last room, which is found before that', async () => {
    const window = await openReader(undefined, { theme: 'dark' })
    await scrollUntil(window, 'nav ul', LAST_ROOM(ROOMS))
    expect(await window.rows.count()).toBeLessThan(60)
    expect(await elements(window)).toBeLessThan(2_000)
    await window.keepScreenshot('much-rooms-dark-ko')
    // Also a room that the list has not come to yet is found, and opened with Enter.
    await window.page.reload()
    await window.rows.first().waitFor()
    expect(await window.row(LAST_ROOM(ROOMS)).count()).toBe(0)
    await window.page.getByRole('textbox', { name: '이름, 메시지 검색' }).fill(LAST_ROOM(ROOMS).slice(0, -2))
    await window.row(LAST_ROOM(ROOMS)).waitFor()
    await window.keepScreenshot('much-search-dark-ko')
    await window.page.keyboard.press('Enter')
    await window.page.getByRole('heading', { level: 2, name: LAST_ROOM(ROOMS) }).waitFor()
  })
})

/** Runs in the page: the place in the list of the row that Tab goes to; `null` where it is not to be seen. */
function tabStopOnScreen(): number | null {
  const row = document.querySelector<HTMLElement>('nav [data-room][tabindex="0"]')
  if (row === null) return null
  const { top, bottom } = row.getBoundingClientRect()
  return bottom < 0 || top > innerHeight ? null : Number(row.closest('li')?.dataset['index'])
}

/** What has changed is drawn, and what that moved is told. */
async function frames(page: Page): Promise<void> {
  for (let n = 0; n < 3; n++)
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))))
}

/** Turns the wheel over a list, screen by screen, until `text` is in it. */
async function scrollUntil({ page }: Window, list: string, text: string): Promise<void> {
  const found = page.locator(list).getByText(text)
  await page.locator(list).locator('li').first().hover()
  const turn = async () => {
    await page.mouse.wheel(0, 4_000)
    return found.count()
  }
  await expect.poll(turn, { timeout: 60_000, interval: 20 }).toBeGreaterThan(0)
}
