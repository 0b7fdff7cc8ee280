import type { Page, Route } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { demoPerson } from '../test-support/demo-person.ts'
import type { Window } from '../test-support/open-window.ts'
import { testWindows } from '../test-support/test-windows.ts'

const soon = { timeout: 10_000 }

const windows = testWindows()

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

/** The pages of a history wait until they are let go. */
async function holdBackPages(page: Page): Promise<() => Promise<void>> {
  const held: Route[] = []
  let isHolding = true
  await page.route(MESSAGES, (route) => {
    if (isHolding && route.request().method() === 'GET') held.push(route)
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
  /** Somebody who polls, and to whom a company said so much since they were here. */
  const openReader = async (from: string, unread: number): Promise<Window> => {
    const company = await demoPerson(windows.url, from)
    const roomId = await company.roomWith('김민준')
    for (let n = 1; n <= unread; n++) await company.send(roomId, `남긴 말 ${n}`)
    const window = await windows.openAt('/')
    await window.page.evaluate(() => localStorage.setItem('tally.transport', 'polling'))
    await window.page.reload()
    await window.continueAs('김민준')
    return window
  }

  test('though it is there before they are', async () => {
    // More than one page: a room opens where they begin.
    const minjun = await openReader('한빛 식당', 90)
    const letGo = await holdBackPages(minjun.page)
    await minjun.openRoom('한빛 식당')
    await minjun.say('먼저 쓴 말')
    await minjun.row('한빛 식당').getByText('먼저 쓴 말').waitFor()
    await letGo()
    await minjun.message('남긴 말 90').waitFor()
    await expect.poll(() => isOnScreen(minjun, '먼저 쓴 말'), soon).toBe(true)
  })

  test('though the end of them has to be loaded for it', async () => {
    const minjun = await openReader('서울 물류센터', 90)
    await minjun.openRoom('서울 물류센터')
    await minjun.message('남긴 말 1').first().waitFor()
    const letGo = await holdBackPages(minjun.page)
    await minjun.say('이어 쓴 말')
    await minjun.row('서울 물류센터').getByText('이어 쓴 말').waitFor()
    await letGo()
    await minjun.message('남긴 말 90').waitFor()
    await expect.poll(() => isOnScreen(minjun, '이어 쓴 말'), soon).toBe(true)
  })

  test('though it is refused in the moment in which the room opens', async () => {
    const minjun = await openReader('카페 온도', 40)
    await minjun.page.route(MESSAGES, (route) =>
      route.request().method() === 'POST' ? refuse(route) : route.continue(),
    )
    const letGo = await holdBackFrames(minjun.page)
    await minjun.openRoom('카페 온도')
    await minjun.page.locator('[data-index]').first().waitFor({ state: 'attached' })
    await minjun.say('바로 쓴 말')
    await expect.poll(() => minjun.problems.splice(0), soon).toEqual([expect.stringContaining('403')])
    await letGo()
    await minjun.message('바로 쓴 말').getByText('할 수 없는 일입니다.').waitFor()
    await expect.poll(() => isOnScreen(minjun, '바로 쓴 말'), soon).toBe(true)
  })
})
