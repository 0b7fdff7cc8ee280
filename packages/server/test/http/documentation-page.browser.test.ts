import { chromium } from 'playwright-core'
import { expect, inject, test } from 'vitest'
import { startTally } from '../../test-support/test-tally.ts'

test('the API page works in a browser under its own policy, and asks nobody else for anything', async () => {
  const server = await startTally('postgres')
  const browser = await chromium.launch({ executablePath: inject('chromiumPath'), args: ['--no-sandbox'] })
  const page = await browser.newPage()
  const foreign: string[] = []
  const errors: string[] = []
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(server.url))
      foreign.push(request.url())
  })
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico'))
      errors.push(message.text())
  })
  try {
    await page.goto(`${server.url}/docs`)
    await page.getByRole('heading', { name: 'Tally', exact: true }).waitFor()
    await page.getByText('/v1/sync').first().waitFor()
    // What its maker offers beside the documentation leads to servers that are not ours.
    for (const name of ['Ask AI', 'Generate MCP', 'Deploy', 'Share']) {
      expect(await page.getByText(name).count(), name).toBe(0)
    }
    expect({ foreign, errors }).toEqual({ foreign: [], errors: [] })
  } finally {
    await browser.close()
    await server.stop()
  }
}, 60_000)
