import type { Browser, Page, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { TestServer } from '../../client/test/test-server.ts'
import { until } from '../../client/test/until.ts'
import { type OpenPage, openPage, startBrowser } from './browser.ts'
import { HostServer } from './host-server.ts'
import { type ReactVersion, serveTestPage } from './test-page.ts'

const soon = { timeout: 15_000 }

type TestWindow = {
  tally: { connection: { get: () => { state: string } } }
  held: () => { subscriptions: number; listeners: number; intervals: number }
  unmount: () => void
}

/** What holds on every version of React that is supported, in a real browser. */
export function describeReact(react: ReactVersion): void {
  let server: TestServer
  let host: HostServer
  let browser: Browser
  let site: Awaited<ReturnType<typeof serveTestPage>>
  const pages: OpenPage[] = []

  beforeAll(async () => {
    host = new HostServer()
    ;[server, browser] = await Promise.all([TestServer.start('postgres'), startBrowser()])
    site = await serveTestPage({ tally: server.url, host: await host.start() }, react)
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await site?.stop()
    await server?.remove()
    await host?.stop()
  })

  afterEach(async () => {
    const problems = pages.flatMap((open) => open.problems)
    await Promise.all(pages.splice(0).map(({ context }) => context.close()))
    await server.endRound()
    expect(problems).toEqual([])
  })

  async function open(
    query: Record<string, string>,
    prepare?: (page: Page) => Promise<void>,
  ): Promise<OpenPage> {
    const opened = await openPage(
      browser,
      `${site.url}/?${new URLSearchParams(query)}`,
      prepare && { prepare },
    )
    pages.push(opened)
    return opened
  }

  /** What the badge there says now; `null`: there is none. */
  const badgeIn = (page: Page, place: string) =>
    page.evaluate(
      (badge) => document.querySelector(badge)?.getAttribute('data-count') ?? null,
      `${place} [data-count]`,
    )

  const said = async (page: Page, place = 'said') =>
    JSON.parse((await page.getByTestId(place).textContent()) ?? '{}')

  test('the page runs on this version', async () => {
    const { page } = await open({ token: server.token('bob') })
    const version = await page.evaluate(() => document.documentElement.dataset.react)
    expect(version).toMatch(new RegExp(`^${react}\\.`))
  })

  describe('the components, in StrictMode', { timeout: 60_000 }, () => {
    test('a message that comes raises the badges, the tab and the favicon; opening the room clears them', async () => {
      const roomId = await server.room('ann', 'bob')
      const ann = await server.signIn('ann')
      ann.room(roomId).open()
      const { page } = await open({ token: server.token('bob') })
      await page.getByRole('list', { name: 'Chats' }).getByRole('link').waitFor()
      ann.room(roomId).send('one')
      ann.room(roomId).send('two')
      await expect.poll(() => badgeIn(page, '[data-testid=total]'), soon).toBe('2')
      await expect.poll(() => badgeIn(page, '.tally-room'), soon).toBe('2')
      await expect.poll(() => page.title(), soon).toBe('(2) Jobs')
      await expect
        .poll(() => page.locator('link[rel=icon]').getAttribute('href'), soon)
        .toMatch(/^data:image\/png/)
      await expect.poll(() => page.getByText('2 unread messages').count(), soon).toBeGreaterThan(1)

      await page.getByRole('link', { name: /ann Kim/ }).click()
      await page.getByRole('article', { name: 'ann Kim' }).filter({ hasText: 'two' }).waitFor()
      await page.getByText('New messages').waitFor()
      await expect.poll(() => badgeIn(page, '[data-testid=total]'), soon).toBe(null)
      await expect.poll(() => page.title(), soon).toBe('Jobs')
      await expect
        .poll(() => page.locator('link[rel=icon]').getAttribute('href'), soon)
        .toMatch(/^data:image\/svg/)
      const row = await until(
        ann.room(roomId).state,
        (room) =>
          room?.members.some(({ userId, readSeq }) => userId === server.id('bob') && readSeq === 2) === true,
      )
      expect(row?.seq).toBe(2)
    })

    test('what is written arrives once, shows how far it has come, and is text whatever is in it', async () => {
      const roomId = await server.room('ann', 'bob')
      const ann = await server.signIn('ann')
      const close = ann.room(roomId).open()
      const { page } = await open({ token: server.token('bob'), room: roomId, tabs: 'shared' })
      const field = page.getByRole('textbox', { name: 'Write a message' })
      await field.fill('<img src=x onerror=alert(1)> https://example.com')
      await page.keyboard.press('Enter')
      const { items } = await until(ann.room(roomId).messages, (list) => list.items.length === 1)
      expect(items[0]?.text).toBe('<img src=x onerror=alert(1)> https://example.com')
      const message = page.getByRole('article', { name: 'You' })
      await expect.poll(() => message.locator('.tally-text').textContent(), soon).toContain('<img src=x')
      expect(await message.locator('a, img').count()).toBe(0)
      expect(await field.inputValue()).toBe('')
      await message.getByText('Delivered', { exact: true }).waitFor()
      ann.room(roomId).markRead(items[0]?.state === 'sent' ? items[0].seq : (0 as never))
      await message.getByText('Read', { exact: true }).waitFor()
      close()
    })

    test('somebody who leaves is shown as such at once', async () => {
      const roomId = await server.room('ann', 'bob')
      const ann = await server.signIn('ann')
      const { page } = await open({ token: server.token('bob'), room: roomId })
      await page.getByRole('heading', { level: 2, name: 'ann Kim' }).waitFor()
      await page.getByRole('textbox', { name: 'Write a message' }).waitFor()
      await ann.room(roomId).leave()
      await page.getByRole('heading', { level: 2, name: 'Former user' }).waitFor()
    })

    test('only what was on the screen is read', async () => {
      const roomId = await server.room('ann', 'bob')
      const ann = await server.signIn('ann')
      ann.room(roomId).open()
      for (let n = 1; n <= 60; n++) ann.room(roomId).send(`line ${n}`)
      const { page } = await open({ token: server.token('bob') })
      await expect.poll(() => badgeIn(page, '.tally-room'), soon).toBe('60')
      await page.getByRole('link', { name: /ann Kim/ }).click()
      await page.getByText('New messages').waitFor()
      const readSeq = () =>
        ann
          .room(roomId)
          .state.get()
          ?.members.find(({ userId }) => userId === server.id('bob'))?.readSeq ?? 0
      await expect.poll(readSeq, soon).toBeGreaterThan(0)
      expect(readSeq()).toBeLessThan(40)
      await page.getByRole('button', { name: /new below/ }).click()
      await expect.poll(readSeq, soon).toBe(60)
      await expect.poll(() => badgeIn(page, '.tally-room'), soon).toBe(null)
    })

    test.each(['before they are there', 'while the end of them is not there'])(
      'what is written into many unread messages is on the screen, %s',
      async (when) => {
        const roomId = await server.room('ann', 'bob')
        const ann = await server.signIn('ann')
        ann.room(roomId).open()
        for (let n = 1; n <= 90; n++) ann.room(roomId).send(`line ${n}`)
        const { page } = await open({ token: server.token('bob') })
        await expect.poll(() => badgeIn(page, '.tally-room'), soon).toBe('90')
        const held: Route[] = []
        let isHeld = when === 'before they are there'
        await page.route(/\/messages\?/, (route) => (isHeld ? held.push(route) : route.continue()))
        await page.getByRole('link', { name: /ann Kim/ }).click()
        if (!isHeld) await page.getByText('New messages').waitFor()
        isHeld = true
        await page.getByRole('textbox').fill('an answer')
        await page.keyboard.press('Enter')
        await until(ann.room(roomId).state, (room) => room?.lastMessage?.text === 'an answer')
        isHeld = false
        await Promise.all(held.map((route) => route.continue()))
        await page.getByText('line 90').waitFor()
        const isOnScreen = () =>
          page.locator('article', { hasText: 'an answer' }).evaluate((article) => {
            const { top, bottom } = article.getBoundingClientRect()
            const list = article.closest('.tally-history')?.getBoundingClientRect()
            return list !== undefined && top >= list.top && bottom <= list.bottom + 1
          })
        await expect.poll(isOnScreen, soon).toBe(true)
      },
    )

    test('typing shows; a message that comes is said to those who listen', async () => {
      const roomId = await server.room('ann', 'bob')
      const ann = await server.signIn('ann')
      ann.room(roomId).open()
      const { page } = await open({ token: server.token('bob'), room: roomId })
      await page.getByRole('textbox').waitFor()
      await expect.poll(async () => (await page.getByRole('article').count()) === 0, soon).toBe(true)
      ann.room(roomId).send('first')
      await page.getByRole('article').waitFor()
      ann.room(roomId).setTyping(true)
      await page.locator('.tally-typing', { hasText: 'ann Kim is typing…' }).waitFor()
      ann.room(roomId).send('are you there?')
      await page
        .getByRole('status')
        .filter({ hasText: 'ann Kim: are you there?' })
        .waitFor({ state: 'attached' })
    })

    test('everything is done by keyboard', async () => {
      const [first, second] = [await server.room('ann', 'bob'), await server.room('cho', 'bob')]
      const [ann, cho] = await Promise.all([server.signIn('ann'), server.signIn('cho')])
      ann.room(first).send('from ann')
      await until(ann.room(first).messages, () => true)
      cho.room(second).send('from cho')
      const { page } = await open({ token: server.token('bob') })
      const rows = page.getByRole('list', { name: 'Chats' }).getByRole('link')
      await expect.poll(() => rows.count(), soon).toBe(2)
      await page.keyboard.press('Tab')
      await page.keyboard.press('Tab')
      await expect.poll(() => rows.first().evaluate((row) => row === document.activeElement), soon).toBe(true)
      await page.keyboard.press('ArrowDown')
      await expect.poll(() => rows.nth(1).evaluate((row) => row === document.activeElement), soon).toBe(true)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { level: 2 }).waitFor()
      await expect.poll(() => page.evaluate(() => document.activeElement?.tagName), soon).toBe('TEXTAREA')
      await page.keyboard.type('by keyboard')
      await page.keyboard.press('Enter')
      await page.getByRole('article', { name: 'You' }).getByText('by keyboard').waitFor()
    })

    test('the bell counts, opens, reads and closes', async () => {
      await server.asHost('PUT', `/v1/users/${server.id('bob')}`, { name: 'bob Kim' })
      const { page } = await open({ token: server.token('bob') })
      const bell = page.getByRole('button', { name: /Notifications/ })
      await bell.waitFor()
      await expect
        .poll(() => page.evaluate(() => (window as never as TestWindow).tally.connection.get().state), soon)
        .toBe('live')
      for (const title of ['An offer', 'A reply']) {
        await server.asHost('POST', '/v1/notifications', {
          userIds: [server.id('bob')],
          type: 'job',
          title,
          link: '/jobs/1',
        })
      }
      await expect.poll(() => badgeIn(page, '.tally-bell'), soon).toBe('2')
      await bell.click()
      const feed = page.getByRole('dialog', { name: 'Notifications' })
      await feed.getByRole('button', { name: /An offer/ }).click()
      await expect.poll(() => page.evaluate(() => location.hash), soon).toBe('#/jobs/1')
      await expect.poll(() => badgeIn(page, '.tally-bell'), soon).toBe('1')
      await bell.click()
      await feed.getByRole('button', { name: 'Mark all as read' }).click()
      await expect.poll(() => badgeIn(page, '.tally-bell'), soon).toBe(null)
      await page.keyboard.press('Escape')
      await feed.waitFor({ state: 'detached' })
      await expect.poll(() => bell.evaluate((button) => button === document.activeElement), soon).toBe(true)
    })

    test('in Korean everything is Korean', async () => {
      const roomId = await server.room('ann', 'bob')
      const { page } = await open({ token: server.token('bob'), room: roomId, language: 'ko' })
      await page.getByRole('textbox', { name: '메시지 쓰기' }).waitFor()
      await page.getByRole('list', { name: '채팅' }).waitFor()
      await page.getByRole('button', { name: '알림' }).waitFor()
      expect(await page.locator('body').innerText()).not.toMatch(/\b(Send|Chats|messages|Loading)\b/)
    })

    test('when the app goes from the page, nothing of it is left', async () => {
      const roomId = await server.room('ann', 'bob')
      const { page } = await open({ token: server.token('bob'), room: roomId })
      await page.getByRole('textbox').waitFor()
      await page.getByRole('button', { name: 'Notifications' }).click()
      const held = () => page.evaluate(() => (window as never as TestWindow).held())
      expect((await held()).subscriptions).toBeGreaterThan(5)
      await page.evaluate(() => (window as never as TestWindow).unmount())
      await expect.poll(held, soon).toMatchObject({ subscriptions: 0, intervals: 0 })
      const state = () => page.evaluate(() => (window as never as TestWindow).tally.connection.get().state)
      await expect.poll(state, soon).toBe('closed')
      expect(await page.title()).toBe('Jobs')
    })
  })

  describe('the hooks', { timeout: 60_000 }, () => {
    test('say what the server says', async () => {
      const roomId = await server.room('ann', 'bob')
      const ann = await server.signIn('ann')
      await server.asHost('PUT', `/v1/users/${server.id('bob')}`, { name: 'bob Kim' })
      const { page } = await open({ token: server.token('bob'), scene: 'hooks' })
      await expect.poll(async () => (await said(page)).connection, soon).toBe('live')
      ann.room(roomId).send('hello')
      await server.asHost('POST', '/v1/notifications', {
        userIds: [server.id('bob')],
        type: 'job',
        title: 'An offer',
      })
      await expect
        .poll(() => said(page), soon)
        .toMatchObject({
          badge: { total: 1, unreadRooms: 1, notifications: 1 },
          me: server.id('bob'),
          rooms: [1],
          notifications: ['An offer'],
        })
    })

    test.each(['shared', 'alone'])(
      'of a room: messages, typing and presence, both ways, with tabs %s',
      async (tabs) => {
        const roomId = await server.room('ann', 'bob')
        const ann = await server.signIn('ann')
        ann.room(roomId).open()
        ann.room(roomId).send('hello')
        const { page } = await open({ token: server.token('bob'), scene: 'hooks', room: roomId, tabs })
        await expect
          .poll(() => said(page, 'said-of-room'), soon)
          .toMatchObject({ members: 2, messages: ['sent: hello'] })
        ann.room(roomId).setTyping(true)
        await expect
          .poll(async () => (await said(page, 'said-of-room')).typing, soon)
          .toEqual([server.id('ann')])
        await page.getByRole('button', { name: 'type' }).click()
        await until(ann.room(roomId).state, (room) => room?.typing.includes(server.id('bob')) === true)
        await page.getByRole('button', { name: 'send' }).click()
        await until(ann.room(roomId).messages, ({ items }) =>
          items.some(({ text }) => text === 'from a hook'),
        )
        // An open room is left out of the badge.
        await expect.poll(async () => (await said(page)).badge.total, soon).toBe(0)
      },
    )
  })

  describe('polling of the host’s own data', { timeout: 60_000 }, () => {
    const answers = (path: string, body: (version: number) => object) => {
      host.answer(path, () => ({ status: 200, body: body(host.asked(path)) }))
    }
    /** The page, its clock stopped, and how often it had asked by then. */
    const openPolling = async (poll: string) => {
      const opened = await open({ scene: 'polling', poll, token: 'none' }, (page) => page.clock.install())
      const { page } = opened
      await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1_000))
      const isCurrent = async () => {
        const shown = await version(page, poll)
        return shown > 0 && shown === host.asked(`/host/${poll}`)
      }
      await expect.poll(isCurrent, soon).toBe(true)
      return { ...opened, first: host.asked(`/host/${poll}`) }
    }
    /** What is on show; an answer is drawn by timers of the page, whose clock stands. */
    const version = async (page: Page, poll: string) => {
      await page.clock.runFor(2)
      return Number(await page.getByTestId(poll).first().textContent())
    }

    test('one owner, however many components look', async () => {
      answers('/host/fixed', (version) => ({ version }))
      const { page, first } = await openPolling('fixed')
      await page.getByRole('button', { name: 'four more' }).click()
      expect(await page.getByTestId('fixed').allTextContents()).toEqual(Array(5).fill(String(first)))
      for (let round = 1; round <= 4; round++) {
        await page.clock.runFor(5_100)
        await expect.poll(() => version(page, 'fixed'), soon).toBe(first + round)
      }
      expect(host.asked('/host/fixed')).toBe(first + 4)
    })

    test('hidden nothing is asked, and at once when somebody looks again; likewise offline', async () => {
      answers('/host/fixed', (version) => ({ version }))
      const { page, context, first } = await openPolling('fixed')
      await setVisible(page, false)
      await page.clock.runFor(60_000)
      expect(host.asked('/host/fixed')).toBe(first)
      await setVisible(page, true)
      await expect.poll(() => version(page, 'fixed'), soon).toBe(first + 1)
      await context.setOffline(true)
      await page.clock.runFor(60_000)
      expect(host.asked('/host/fixed')).toBe(first + 1)
      await context.setOffline(false)
      await expect.poll(() => version(page, 'fixed'), soon).toBe(first + 2)
    })

    test('a fault is outlived with the last data on show; a refusal ends it', async () => {
      let status = 200
      host.answer('/host/resilient', () => ({ status, body: { version: status } }))
      const { page, problems } = await open({ scene: 'polling', poll: 'resilient', token: 'none' }, (it) =>
        it.clock.install(),
      )
      const look = page.getByTestId('resilient')
      await expect.poll(() => look.textContent(), soon).toBe('200')
      status = 503
      await expect
        .poll(async () => {
          await page.clock.runFor(31_000)
          return Number(await look.getAttribute('data-failures'))
        }, soon)
        .toBeGreaterThan(4)
      expect(await look.textContent()).toBe('200')
      status = 201
      await expect
        .poll(async () => {
          await page.clock.runFor(31_000)
          return look.textContent()
        }, soon)
        .toBe('201')
      status = 403
      await expect
        .poll(async () => {
          await page.clock.runFor(31_000)
          return look.getAttribute('data-refused')
        }, soon)
        .toBe('true')
      const asked = host.asked('/host/resilient')
      await page.clock.runFor(120_000)
      expect(host.asked('/host/resilient')).toBe(asked)
      expect(await look.textContent()).toBe('201')
      // What the browser itself writes down about answers that are errors.
      problems.splice(0, problems.length, ...problems.filter((line) => !/status of (503|403)/.test(line)))
    })

    test('the server’s hint is followed', async () => {
      // A minute, 6 s more or less (clients do not stay together), is far from the 5 s without a hint.
      answers('/host/dynamic', (version) => ({ version, nextPollMs: 60_000 }))
      const { page, first } = await openPolling('dynamic')
      await page.clock.runFor(30_000)
      expect(host.asked('/host/dynamic')).toBe(first)
      await page.clock.runFor(40_000)
      await expect.poll(() => version(page, 'dynamic'), soon).toBe(first + 1)
    })
  })
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
