import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { expect, inject } from 'vitest'
import { launchBrowser } from './launch-browser.ts'

const SCREENSHOTS = join(import.meta.dirname, '../../../screenshots')

/** A browser without a screen that looks up nothing outside. */
export function startBrowser(): Promise<Browser> {
  return launchBrowser(inject('chromiumPath'))
}

export type WindowOptions = {
  url: string
  language?: 'ko' | 'en'
  theme?: 'light' | 'dark'
  width?: number
  height?: number
  /** Used with fingers. */
  touch?: boolean
  /**
   * As a browser that keeps the page and shows its notifications: with its service worker, which fetches everything the
   * page is made of beside the page itself. Not unless asked for.
   */
  installed?: boolean
}

/** A window of somebody's own: another storage than every other window's. What the page reports as wrong is kept. */
export class Window {
  readonly page: Page
  readonly #context: BrowserContext
  /** Errors of scripts, and what the page's policy forbade. */
  readonly problems: string[] = []

  constructor(context: BrowserContext, page: Page) {
    this.#context = context
    this.page = page
    page.setDefaultTimeout(15_000)
    page.on('pageerror', (error) => this.problems.push(error.message))
    page.on('console', (message) => {
      // That a test took the network away is no problem of the page's.
      const isOffline = message.text().includes('ERR_INTERNET_DISCONNECTED')
      if (message.type() === 'error' && !isOffline) this.problems.push(message.text())
    })
  }

  /** Continues as one of the demo people. */
  async continueAs(name: string): Promise<void> {
    await this.page.getByRole('button', { name: new RegExp(name) }).click()
    await this.rows.first().waitFor()
  }

  /** The rows of the list. */
  get rows(): Locator {
    return this.page.locator('[data-room]')
  }

  /** A room's row in the list. */
  row(name: string): Locator {
    return this.rows.filter({ has: this.page.getByText(name, { exact: true }) })
  }

  async openRoom(name: string): Promise<void> {
    await this.row(name).click()
    await this.page.getByRole('heading', { level: 2, name }).waitFor()
  }

  /** What stands on a room's badge; 0 when there is none. */
  async badgeOf(name: string): Promise<number> {
    return numberOn(this.row(name))
  }

  /** What stands beside the title of the list. */
  async total(): Promise<number> {
    return numberOn(this.page.getByTestId('total'))
  }

  async say(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: /메시지 쓰기|Write a message/ }).fill(text)
    await this.page.keyboard.press('Enter')
  }

  /** A message of the open room. */
  message(text: string): Locator {
    return this.page
      .getByRole('list', { name: /^(메시지|Messages)$/ })
      .getByRole('listitem')
      .filter({ hasText: text })
  }

  /** A button of the bar that a message shows to the pointer; once it is stored, and wherever it has moved to by then. */
  async toolOf(text: string, name: string | RegExp): Promise<Locator> {
    const row = this.message(text).last()
    const button = row.getByRole('button', { name, exact: true })
    const shows = async () => {
      // It comes anew each time: where it rests already, a bar that was taken away does not come back.
      await this.page.mouse.move(0, 0)
      await row.hover()
      return button.waitFor({ timeout: 1_000 }).then(
        () => true,
        () => false,
      )
    }
    await expect.poll(shows, { timeout: 15_000 }).toBe(true)
    return button
  }

  /** Does something with a message that its menu offers. */
  async choose(text: string, entry: string | RegExp): Promise<void> {
    await (await this.toolOf(text, /메시지 메뉴|Menu of this message/)).click()
    await this.page.getByRole('menuitem', { name: entry }).click()
  }

  async keepScreenshot(name: string): Promise<void> {
    await mkdir(SCREENSHOTS, { recursive: true })
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) })
  }

  /** Everything on the page, also what is scrolled away. */
  async keepWholePage(name: string): Promise<void> {
    await mkdir(SCREENSHOTS, { recursive: true })
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true })
  }

  /** Another tab of the same browser, closed with this window. */
  async anotherTab(): Promise<Window> {
    const tab = new Window(this.#context, await this.#context.newPage())
    await tab.page.goto('/')
    await tab.rows.first().waitFor()
    return tab
  }

  close(): Promise<void> {
    return this.#context.close()
  }
}

export async function openWindow(browser: Browser, path: string, options: WindowOptions): Promise<Window> {
  const { url, language = 'ko', theme = 'light', width = 1280, height = 800 } = options
  const { touch = false, installed = false } = options
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width, height },
    locale: language === 'ko' ? 'ko-KR' : 'en-US',
    colorScheme: theme,
    timezoneId: 'Asia/Seoul',
    hasTouch: touch,
    serviceWorkers: installed ? 'allow' : 'block',
  })
  const window = new Window(context, await context.newPage())
  await window.page.goto(path)
  return window
}

/** The number of the badge in a place; 0: it has none. In one look: between two of them the badge may have gone, and the second would wait for it to come back. */
export function numberOn(place: Locator): Promise<number> {
  return place
    .locator('[data-badge]')
    .evaluateAll(([badge]) => Number(badge?.getAttribute('data-badge') ?? 0))
}
