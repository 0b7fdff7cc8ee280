import type { Page, Route } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { type DemoPerson, demoPerson } from '../test-support/demo-person.ts'
import type { Window } from '../test-support/open-window.ts'
import { testWindows } from '../test-support/test-windows.ts'

const soon = { timeout: 10_000 }

const windows = testWindows()

/** More than one page: a room opens where they begin. */
const MANY = 90
const ORDERS = ['it is stored', 'they are there']

const left = (n: number): string => `남긴 말 ${String(n).padStart(3, '0')}`

const MESSAGES = '**/v1/rooms/*/messages*'

/** Whether a message is on the screen, and not only in the page. */
async function isOnScreen(window: Window, text: string): Promise<boolean> {
  const [message, input] = await Promise.all(
    [window.message(text), window.page.getByRole('textbox', { name: '메시지 쓰기' })].map((place) =>
      place.evaluateAll((found) => found.at(-1)?.getBoundingClientRect().toJSON()),
    ),
  )
  return message !== undefined && message.top > 0 && message.bottom <= input.top
}

/** What asks for messages (GET) or sends them (POST) waits until it is let go. */
async function holdBack(page: Page, method: 'GET' | 'POST'): Promise<() => Promise<void>> {
  const held: Route[] = []
  let isHolding = true
  await page.route(MESSAGES, (route) => {
    if (isHolding && route.request().method() === method) held.push(route)
    else void route.continue()
  })
  return async () => {
    isHolding = false
    await Promise.all(held.map((route) => route.continue()))
  }
}

/** Nothing is drawn for the page until it is let go. */
async function holdBackFrames(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(() => {
    const waiting: FrameRequestCallback[] = []
    const real = window.requestAnimationFrame
    window.requestAnimationFrame = (call) => waiting.push(call)
    Object.assign(window, {
      letGo: () => {
        window.requestAnimationFrame = real
        for (const call of waiting) real(call)
      },
    })
  })
  return () => page.evaluate(() => Reflect.get(window, 'letGo')())
}

function refuse(route: Route): Promise<void> {
  const error = { code: 'forbidden', message: 'x', retry: 'never' }
  return route.fulfill({
    status: 403,
    contentType: 'application/json',
    body: JSON.stringify({ error }),
  })
}

describe('what one writes in a room of many unread messages is on the screen', { timeout: 60_000 }, () => {
  let shops = 0
  let shop: string
  let writer: DemoPerson
  let roomId: string

  /** Somebody who polls unless said otherwise, and to whom a shop said so much since they were here. */
  const openReader = async (unread: number, transport = 'polling'): Promise<Window> => {
    shop = `가게 ${++shops}`
    const reader = await demoPerson(windows.url, '김민준')
    writer = await demoPerson(windows.url, shop, { userId: `shop-${shops}`, userType: 'company' })
    roomId = await writer.makeDirect(reader.id)
    for (let n = 1; n <= unread; n++) await writer.send(roomId, left(n))
    const window = await windows.openAt('/')
    await window.page.evaluate((by) => localStorage.setItem('tally.transport', by), transport)
    await window.page.reload()
    await window.continueAs('김민준')
    return window
  }

  /** Either the message is stored first, or the end of the history is there first. */
  const sayAround = async (
    window: Window,
    { text, first, room }: { text: string; first: string; room: () => Promise<void> },
  ): Promise<void> => {
    const stored = window.row(shop).getByText(text)
    const end = window.message(left(MANY))
    const letGo = await holdBack(window.page, first === 'it is stored' ? 'GET' : 'POST')
    await room()
    await window.say(text)
    await (first === 'it is stored' ? stored : end).waitFor()
    await letGo()
    await (first === 'it is stored' ? end : stored).waitFor()
    await expect.poll(() => isOnScreen(window, text), soon).toBe(true)
  }

  test.each(ORDERS)('though it was written before anything was there, and %s first', async (first) => {
    const minjun = await openReader(MANY)
    await sayAround(minjun, { text: '먼저 쓴 말', first, room: () => minjun.openRoom(shop) })
  })

  test.each(ORDERS)('though the end of them was not there, and %s first', async (first) => {
    const minjun = await openReader(MANY)
    await minjun.openRoom(shop)
    await minjun.message(left(1)).waitFor()
    await sayAround(minjun, { text: '이어 쓴 말', first, room: async () => {} })
  })

  test('and nobody is carried there by what they write in another tab', async () => {
    const minjun = await openReader(MANY)
    await minjun.openRoom(shop)
    await minjun.message(left(1)).waitFor()
    const tab = await minjun.anotherTab()
    await tab.row(shop).click()
    await tab.say('다른 창에서 쓴 말')
    await tab.message('다른 창에서 쓴 말').waitFor()
    await minjun.row(shop).getByText('다른 창에서 쓴 말').waitFor()
    expect(await isOnScreen(minjun, left(1))).toBe(true)
  })

  test('and nobody is carried there who went on reading before it was stored', async () => {
    const minjun = await openReader(40, 'auto')
    await minjun.openRoom(shop)
    await minjun.say('들어와서 쓴 말')
    await expect.poll(() => isOnScreen(minjun, '들어와서 쓴 말'), soon).toBe(true)
    await minjun.page.context().setOffline(true)
    await minjun.say('끊긴 채 쓴 말')
    await expect.poll(() => isOnScreen(minjun, '끊긴 채 쓴 말'), soon).toBe(true)
    await minjun.message(left(40)).hover()
    await minjun.page.mouse.wheel(0, -1_000)
    await expect.poll(() => isOnScreen(minjun, left(40)), soon).toBe(false)
    for (let n = 41; n <= 43; n++) await writer.send(roomId, left(n))
    await minjun.page.context().setOffline(false)
    await minjun.row(shop).getByText('끊긴 채 쓴 말').waitFor()
    expect(await isOnScreen(minjun, left(40))).toBe(false)
  })

  test('though it is refused in the moment in which the room opens', async () => {
    const minjun = await openReader(40)
    await minjun.page.route(MESSAGES, (route) =>
      route.request().method() === 'POST' ? refuse(route) : route.continue(),
    )
    const letGo = await holdBackFrames(minjun.page)
    await minjun.openRoom(shop)
    await minjun.page.locator('[data-index]').first().waitFor({ state: 'attached' })
    await minjun.say('바로 쓴 말')
    await expect.poll(() => minjun.problems.splice(0), soon).toEqual([expect.stringContaining('403')])
    await letGo()
    await minjun.message('바로 쓴 말').getByText('할 수 없는 일입니다.').waitFor()
    await expect.poll(() => isOnScreen(minjun, '바로 쓴 말'), soon).toBe(true)
  })
})
