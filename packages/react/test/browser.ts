import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { inject } from 'vitest'

/** A browser without a screen that looks up nothing outside. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: inject('chromiumPath'),
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-sync',
    ],
  })
}

/** A window of somebody's own. What the page reports as wrong is kept. */
export type OpenPage = { page: Page; context: BrowserContext; problems: string[] }

export async function openPage(
  browser: Browser,
  url: string,
  {
    javaScriptEnabled = true,
    prepare,
  }: { javaScriptEnabled?: boolean; prepare?: (page: Page) => Promise<unknown> } = {},
): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width: 1_000, height: 640 },
    javaScriptEnabled,
    locale: 'en-US',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
  })
  await prepare?.(page)
  await page.goto(url)
  return { page, context, problems }
}
