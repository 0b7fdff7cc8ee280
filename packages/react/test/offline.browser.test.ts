import type { RoomHandle, RoomId, Seq, Tally } from '@tally/client'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FrontProxy } from '../../client/test/front-proxy.ts'
import { TestServer } from '../../client/test/test-server.ts'
import { until } from '../../client/test/until.ts'
import { startBrowser } from './browser.ts'
import { serveTestPage } from './test-page.ts'

const soon = { timeout: 30_000 }
/** Tally, but not the page itself: a page is loaded anew while its server cannot be reached. */
const TALLY = /^\/(v1|socket\.io)\//

let server: TestServer
let browser: Browser
let site: Awaited<ReturnType<typeof serveTestPage>>
let proxy: FrontProxy
let context: BrowserContext

beforeAll(async () => {
  ;[server, browser] = await Promise.all([TestServer.start('postgres'), startBrowser()])
  site = await serveTestPage({ tally: server.url, host: server.url })
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await site?.stop()
  await server?.remove()
})

beforeEach(async () => {
  proxy = await FrontProxy.start(site.url)
  context = await browser.newContext({ viewport: { width: 1_000, height: 640 }, locale: 'en-US' })
})

afterEach(async () => {
  await context.close()
  await proxy.stop()
  await server.endRound()
})

type Opened = { room?: RoomId; transport?: 'auto' | 'polling' | 'websocket' }

/** A tab of ann's browser. */
async function tab({ room, transport = 'auto' }: Opened = {}): Promise<Page> {
  const page = await context.newPage()
  page.setDefaultTimeout(soon.timeout)
  const query = {
    token: server.token('ann'),
    tabs: 'shared',
    transport,
    ...(room === undefined ? {} : { room }),
  }
  await page.goto(`${proxy.url}/?${new URLSearchParams(query)}`)
  await page.evaluate(() => {
    const { tally } = window as never as TestWindow
    const states = [tally.connection.get().state]
    tally.connection.subscribe(() => states.push(tally.connection.get().state))
    Object.assign(window, { states })
  })
  return page
}

type TestWindow = { tally: Tally; states: string[] }

const stateOf = (page: Page) =>
  page.evaluate(() => (window as never as TestWindow).tally.connection.get().state)
const statesOf = (page: Page) => page.evaluate(() => (window as never as TestWindow).states)
const totalOf = (page: Page) =>
  page.evaluate(() => (window as never as TestWindow).tally.badge.get()?.total ?? null)

/** Writes as the page's own code would. */
function write(page: Page, roomId: RoomId, texts: readonly string[]): Promise<void> {
  return page.evaluate(
    ([id, lines]) => {
      for (const line of lines) (window as never as TestWindow).tally.room(id).send(line)
    },
    [roomId, texts] as const,
  )
}

/** What a tab shows of a room, from top to bottom. */
const shownIn = (page: Page) => page.getByRole('article').locator('.tally-text').allTextContents()

/** What it knows to be on its way, in order. */
const waitingIn = (page: Page, roomId: RoomId) =>
  page.evaluate((id) => {
    const { items } = (window as never as TestWindow).tally.room(id).messages.get()
    return items.filter(({ state }) => state === 'sending').map(({ text }) => text)
  }, roomId)

/** How many messages wait in the browser's own database. */
const kept = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('tally')
        opening.onerror = () => reject(opening.error)
        opening.onsuccess = () => {
          const counting = opening.result.transaction('entries').objectStore('entries').count()
          counting.onsuccess = () => {
            opening.result.close()
            resolve(counting.result)
          }
        }
      }),
  )

async function crash(page: Page): Promise<void> {
  const crashed = new Promise((resolve) => page.once('crash', resolve))
  const devtools = await context.newCDPSession(page)
  devtools.send('Page.crash').catch(() => {})
  await crashed
  await page.close()
}

/** Everything that is stored, as somebody else in the room reads it. */
async function storedIn(room: RoomHandle, count: number): Promise<string[]> {
  const { items } = await until(room.messages, (list) => !list.loading && list.items.length >= count)
  expect(items.map((item) => (item.state === 'sent' ? item.seq : null))).toEqual(items.map((_, at) => at + 1))
  return items.map(({ text }) => text)
}

/** ben, who is elsewhere and shows the room from now on. */
async function ben(roomId: RoomId): Promise<{ client: Tally; room: RoomHandle; close: () => void }> {
  const client = await server.signIn('ben')
  const room = client.room(roomId)
  return { client, room, close: room.open() }
}

const lines = (what: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${what} ${index + 1}`)

describe('what is written in a browser', { timeout: 120_000 }, () => {
  test('while the server is away outlives a reload and a crash of its tab, and arrives once, in order', async () => {
    const roomId = await server.room('ann', 'ben')
    let page = await tab({ room: roomId })
    await expect.poll(() => stateOf(page), soon).toBe('live')
    proxy.unreachable = TALLY
    proxy.cut()
    await expect.poll(() => stateOf(page), soon).toBe('offline')
    await write(page, roomId, lines('before the reload', 3))
    await expect.poll(() => kept(page), soon).toBe(3)
    await page.reload()
    await expect.poll(() => waitingIn(page, roomId), soon).toEqual(lines('before the reload', 3))
    // Nothing of the room can be loaded: that is said, and what waits is there to be seen and added to.
    await expect.poll(() => shownIn(page), soon).toEqual(lines('before the reload', 3))
    const field = page.getByRole('textbox', { name: 'Write a message' })
    await page.locator('.tally-chat').getByText('There is no connection.').waitFor()
    await field.fill('in the field')
    await field.press('Enter')
    await expect.poll(() => shownIn(page), soon).toEqual([...lines('before the reload', 3), 'in the field'])
    expect(await page.getByRole('article', { name: 'You' }).count()).toBe(4)
    await write(page, roomId, lines('before the crash', 3))
    await expect.poll(() => kept(page), soon).toBe(7)
    await crash(page)

    page = await tab({ room: roomId })
    const all = [...lines('before the reload', 3), 'in the field', ...lines('before the crash', 3)]
    await expect.poll(() => waitingIn(page, roomId), soon).toEqual(all)
    proxy.unreachable = undefined
    const other = await server.signIn('ben')
    await until(other.badge, (badge) => badge?.total === 7)
    const close = other.room(roomId).open()
    expect(await storedIn(other.room(roomId), 7)).toEqual(all)
    close()
    await expect.poll(() => kept(page), soon).toBe(0)
    await expect.poll(() => shownIn(page), soon).toEqual(all)
    await page.getByText('There is no connection.').waitFor({ state: 'detached' })
  })

  test('is there once and in order when its tab crashes in the middle of sending', async () => {
    const roomId = await server.room('ann', 'ben')
    const { room } = await ben(roomId)
    let page = await tab({ room: roomId })
    await expect.poll(() => stateOf(page), soon).toBe('live')
    const all = lines('line', 60)
    await write(page, roomId, all)
    await until(room.messages, ({ items }) => items.length > 0)
    await crash(page)
    page = await tab({ room: roomId })
    await expect.poll(() => stateOf(page), soon).toBe('live')
    await expect.poll(() => kept(page), soon).toBe(0)
    await expect.poll(async () => (await shownIn(page)).length, soon).toBe(room.messages.get().items.length)
    // What its database had not taken by then is gone with the tab: the end, and nothing in between.
    const stored = await storedIn(room, 1)
    expect(stored).toEqual(all.slice(0, stored.length))
  })

  test('while the network is cut arrives once it is back, among what others wrote meanwhile', async () => {
    const roomId = await server.room('ann', 'ben')
    const { room, client } = await ben(roomId)
    const page = await tab({ room: roomId })
    await expect.poll(() => stateOf(page), soon).toBe('live')
    await context.setOffline(true)
    await expect.poll(() => stateOf(page), soon).toBe('offline')
    await write(page, roomId, lines('offline', 5))
    for (const line of lines('meanwhile', 3)) room.send(line)
    await until(room.messages, ({ items }) => items.filter(({ state }) => state === 'sent').length === 3)
    await expect.poll(() => shownIn(page), soon).toEqual(lines('offline', 5))
    await context.setOffline(false)
    await expect.poll(() => stateOf(page), soon).toBe('live')
    const all = [...lines('meanwhile', 3), ...lines('offline', 5)]
    expect(await storedIn(room, 8)).toEqual(all)
    await expect.poll(() => shownIn(page), soon).toEqual(all)
    await expect.poll(() => totalOf(page), soon).toBe(0)
    expect(await client.explain()).toMatchObject({ verdict: 'exact' })
  })

  test.each(['refuse', 'ignore'] as const)(
    'goes by polling where a proxy stands in the way of sockets (%s), and by socket once it does not',
    async (upgrades) => {
      const roomId = await server.room('ann', 'ben')
      const { room } = await ben(roomId)
      proxy.upgrades = upgrades
      const page = await tab({ room: roomId })
      await expect.poll(() => stateOf(page), soon).toBe('polling')
      await write(page, roomId, lines('by polling', 3))
      const first = lines('by polling', 3)
      expect(await storedIn(room, 3)).toEqual(first)
      room.send('can you hear me?')
      await expect.poll(() => shownIn(page), soon).toEqual([...first, 'can you hear me?'])
      // Open, over polling too: on the screen, and never in the badge.
      await expect.poll(() => totalOf(page), soon).toBe(0)
      proxy.upgrades = 'pass'
      await expect.poll(() => stateOf(page), { timeout: 60_000 }).toBe('live')
      await write(page, roomId, ['by socket'])
      expect(await storedIn(room, 5)).toEqual([...first, 'can you hear me?', 'by socket'])
      const states = await statesOf(page)
      expect(states.filter((state) => state === 'polling' || state === 'live')).toEqual(
        expect.arrayContaining(['polling', 'live']),
      )
      expect(states.indexOf('polling')).toBeLessThan(states.indexOf('live'))
    },
  )
})

describe('a tab', { timeout: 120_000 }, () => {
  test.each(['websocket', 'polling'] as const)(
    'that is hidden reads nothing and raises the badge; seen again it shows what came (%s)',
    async (transport) => {
      const roomId = await server.room('ann', 'ben')
      const { room } = await ben(roomId)
      const page = await tab({ room: roomId, transport })
      await expect.poll(() => stateOf(page), soon).toBe(transport === 'polling' ? 'polling' : 'live')
      await page.getByRole('textbox').waitFor()
      await setVisible(page, false)
      room.send('are you there?')
      await until(room.messages, ({ items: [first] }) => first?.state === 'sent')
      const phone = await server.signIn('ann')
      await until(phone.badge, (badge) => badge?.total === 1)
      // A page that polls asks nothing while nobody looks.
      if (transport === 'websocket') await expect.poll(() => page.title(), soon).toBe('(1) Jobs')
      expect(readSeqIn(room)).toBe(0)
      await setVisible(page, true)
      await expect.poll(() => shownIn(page), soon).toEqual(['are you there?'])
      await until(phone.badge, (badge) => badge?.total === 0)
      await expect.poll(() => readSeqIn(room), soon).toBe(1)
      await expect.poll(() => page.title(), soon).toBe('Jobs')
    },
  )

  test('and another one of the same person send what each wrote offline, once, and agree on the badge', async () => {
    const roomId = await server.room('ann', 'ben')
    const other = await server.signIn('ben')
    const tabs = [await tab(), await tab()] as const
    for (const page of tabs) await expect.poll(() => stateOf(page), soon).toBe('live')
    other.room(roomId).send('for both')
    for (const page of tabs) await expect.poll(() => totalOf(page), soon).toBe(1)
    await context.setOffline(true)
    for (const page of tabs) await expect.poll(() => stateOf(page), soon).toBe('offline')
    for (const [index, page] of tabs.entries()) await write(page, roomId, lines(`tab ${index}`, 3))
    await context.setOffline(false)
    const close = other.room(roomId).open()
    const stored = await storedIn(other.room(roomId), 7)
    expect(stored.toSorted()).toEqual(['for both', ...lines('tab 0', 3), ...lines('tab 1', 3)].toSorted())
    for (const index of [0, 1])
      expect(stored.filter((text) => text.startsWith(`tab ${index}`))).toEqual(lines(`tab ${index}`, 3))
    close()
    for (const page of tabs) await expect.poll(() => totalOf(page), soon).toBe(1)
    const [first, second] = tabs
    await first.evaluate(([id, upTo]) => (window as never as TestWindow).tally.room(id).markRead(upTo), [
      roomId,
      1 as Seq,
    ] as const)
    for (const page of tabs) await expect.poll(() => totalOf(page), soon).toBe(0)
    // Whichever of them held the connection.
    await first.close()
    await write(second, roomId, ['still here'])
    await until(other.room(roomId).state, (state) => state?.lastMessage?.text === 'still here')
  })
})

/** How far ann has read, as ben sees it. */
function readSeqIn(room: RoomHandle): number {
  return room.state.get()?.members.find(({ userId }) => userId === server.id('ann'))?.readSeq ?? 0
}

async function setVisible(page: Page, visible: boolean): Promise<void> {
  await page.evaluate(
    (state) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state })
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    },
    visible ? 'visible' : 'hidden',
  )
}
