import { findChromium } from '../../../scripts/find-chromium.mjs'
import { startPostgresCluster } from '../../../scripts/postgres-cluster.ts'
import { launchBrowser } from '../test-support/launch-browser.ts'
import { startServer } from '../test-support/start-server.ts'
import { type Figure, holds, lineOf } from './figure.ts'
import { measureLoad } from './measure-load.ts'
import { measureList, measureRoom } from './measure-scrolling.ts'
import { READER, seed } from './seed.ts'

const MESSAGES = 100_000
const ROOMS = 5_000

// `npm run web-figures`: measures the page as built, in a real browser on a real server, and says which bar is broken.
const executablePath = findChromium()
if (executablePath === undefined) throw new Error('there is no Chromium: set CHROMIUM_PATH')
const postgres = await startPostgresCluster()
const server = await startServer({ databaseUrl: postgres.url })
const browser = await launchBrowser(executablePath)
try {
  await seed(postgres.url, { messages: MESSAGES, rooms: ROOMS })
  const where = { url: server.url, token: await tokenOf(server.url, READER) }
  const figures: Figure[] = [
    ...(await measureLoad(browser, where)),
    ...(await measureRoom(browser, where, '십만 메시지')),
    ...(await measureList(browser, where, ROOMS)),
  ]
  for (const figure of figures) process.stdout.write(`${lineOf(figure)}\n`)
  process.exitCode = figures.every(holds) ? 0 : 1
} finally {
  await browser.close()
  await server.stop()
  await postgres.stop()
}

async function tokenOf(url: string, userId: string): Promise<string> {
  const response = await fetch(`${url}/dev/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userId, name: '읽는 사람', userType: 'job_seeker' }),
  })
  if (!response.ok) throw new Error(`/dev/login answered ${response.status}`)
  const { token } = (await response.json()) as { token: string }
  return token
}
