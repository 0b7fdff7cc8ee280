import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { findChromium } from '../../../scripts/find-chromium.mjs'
import { startPostgresCluster } from '../../../scripts/postgres-cluster.ts'
import { launchBrowser } from '../test-support/launch-browser.ts'
import { startServer } from '../test-support/start-server.ts'
import { bar, type Figure, hasBar, holds, shown } from './figure.ts'
import { measureList } from './measure-list.ts'
import { measureLoad } from './measure-load.ts'
import { measureRoom } from './measure-room.ts'
import type { Where } from './open-page.ts'
import { progress } from './progress.ts'
import { LAST_ROOM, LONG_ROOM_TITLE, READER, seed } from './seed.ts'
import { settleIn } from './settle-in.ts'
import { takePictures } from './take-pictures.ts'
import { type Measured, writeReport } from './write-report.ts'

const MESSAGES = 100_000
const ROOMS = 5_000
const SERVER_KEY = 'the-key-of-the-host-in-these-figures'
const DOCS = join(import.meta.dirname, '../../../docs')

// `npm run web-figures`: measures the page as built, in a real browser on a real server, says which bar is missed, and
// writes docs/WEB.md and the pictures of the README.
const executablePath = findChromium()
if (executablePath === undefined) throw new Error('there is no Chromium: set CHROMIUM_PATH')
const begin = Date.now()
progress('starting PostgreSQL, the server and Chromium')
const postgres = await startPostgresCluster()
const server = await startServer({ databaseUrl: postgres.url, serverKey: SERVER_KEY })
const browser = await launchBrowser(executablePath)
try {
  progress('taking the pictures of the README')
  await takePictures(browser, server.url, join(DOCS, 'images'))
  progress(`seeding ${MESSAGES} messages and ${ROOMS} rooms`)
  await seed(postgres.url, { messages: MESSAGES, rooms: ROOMS })
  const where = { url: server.url, token: await tokenOf(server.url, READER) }
  await settleIn(where, { userId: READER, serverKey: SERVER_KEY, blocked: ['demo-lan', 'demo-seoyeon'] })
  const measured = await measure(browser, where)
  writeReport(measured, DOCS)
  process.exitCode = measured.figures.every(holds) ? 0 : 1
} finally {
  await browser.close()
  await server.stop()
  await postgres.stop()
  progress(`done after ${Math.round((Date.now() - begin) / 1_000)} s`)
}

async function measure(on: Browser, where: Where): Promise<Measured> {
  const load = await step('the first load', () => measureLoad(on, where))
  const room = await step('the long room', () =>
    measureRoom(on, where, {
      title: LONG_ROOM_TITLE,
      group: `room of ${MESSAGES.toLocaleString('en')} messages`,
    }),
  )
  const list = await step('the long list', () =>
    measureList(on, where, {
      lastRoom: LAST_ROOM(ROOMS),
      group: `list of ${ROOMS.toLocaleString('en')} rooms`,
    }),
  )
  return {
    browser: on.version(),
    figures: [...load.figures, ...room.figures, ...list.figures],
    frames: [
      { name: 'the room, scrolled down', ...room.down },
      { name: 'the room, scrolled up', ...room.up },
      { name: 'the list, scrolled', ...list.scrolled },
    ],
  }
}

/** Measures a part and tells it at once. */
async function step<T extends { figures: Figure[] }>(name: string, run: () => Promise<T>): Promise<T> {
  progress(`measuring ${name}`)
  const result = await run()
  for (const figure of result.figures) {
    const verdict = !hasBar(figure) ? '      ' : holds(figure) ? 'held  ' : 'MISSED'
    process.stdout.write(
      `${verdict} ${figure.name.padEnd(72)} ${shown(figure).padStart(14)}   ${bar(figure)}\n`,
    )
  }
  return result
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
