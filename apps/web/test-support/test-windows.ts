import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { openWindow, startBrowser, type Window, type WindowOptions } from './open-window.ts'
import { startServer, type TestServer } from './start-server.ts'

type Options = Omit<WindowOptions, 'url'>

export type Windows = {
  readonly url: string
  openAt(path: string, options?: Options): Promise<Window>
  /** The messenger, continued as one of the demo people. */
  open(name: string, options?: Options): Promise<Window>
}

/**
 * A server with its demo people, or the one that `start` makes, and a browser, for the tests of a file. After each test its
 * windows are closed; what a page reported as wrong fails it.
 */
export function testWindows(start: () => Promise<TestServer> = () => startServer()): Windows {
  let server: TestServer
  let browser: Browser
  const windows: Window[] = []

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([start(), startBrowser()])
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  afterEach(async () => {
    const problems = windows.flatMap((window) => window.problems)
    await Promise.all(windows.splice(0).map((window) => window.close()))
    expect(problems).toEqual([])
  })

  const openAt = async (path: string, options: Options = {}): Promise<Window> => {
    const window = await openWindow(browser, path, { url: server.url, ...options })
    windows.push(window)
    return window
  }
  return {
    get url() {
      return server.url
    },
    openAt,
    open: async (name, options) => {
      const window = await openAt('/', options)
      await window.continueAs(name)
      return window
    },
  }
}
