import type { FileChooser, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { demoPerson } from '../test-support/demo-person.ts'
import type { Window } from '../test-support/open-window.ts'
import { testWindows } from '../test-support/test-windows.ts'

const soon = { timeout: 15_000 }

const windows = testWindows()

/** What has the focus: what it is called, and whether it is on the screen and one sees that it has it. */
function focused(page: Page): Promise<{ name: string; seen: boolean }> {
  return page.evaluate(() => {
    const element = document.activeElement
    if (element === null || element === document.body) return { name: '', seen: false }
    const label =
      element.closest('label') ?? (element instanceof HTMLInputElement ? element.labels?.[0] : null) ?? null
    const name =
      element.getAttribute('aria-label') ?? (label ?? element).textContent?.replace(/\s+/g, ' ').trim() ?? ''
    const outlined = (one: Element | null) => one !== null && getComputedStyle(one).outlineStyle !== 'none'
    // A menu marks its entry by its ground, and where one writes the frame around it changes.
    const seen =
      outlined(element) ||
      outlined(label) ||
      // A switch is drawn beside what has the focus.
      outlined(element.nextElementSibling) ||
      element.hasAttribute('data-highlighted') ||
      element.tagName === 'TEXTAREA'
    const place = label ?? element
    const { x, y, width, height } = place.getBoundingClientRect()
    const at = document.elementFromPoint(x + width / 2, y + height / 2)
    return { name, seen: seen && at !== null && place.contains(at) }
  })
}

/** Presses a key, and waits until the page has moved the focus, which it may do with the next frame. */
async function press(page: Page, key: string): Promise<void> {
  await page.keyboard.press(key)
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
}

/** Goes on with `key` until what has the focus is called so; every stop on the way must be seen. */
async function goTo({ page }: Window, name: string | RegExp, key = 'Tab'): Promise<void> {
  const stops: string[] = []
  const is = (stop: string) => (typeof name === 'string' ? stop === name : name.test(stop))
  for (let step = 0; step < 80; step++) {
    const stop = await focused(page)
    if (is(stop.name)) {
      expect(stop).toMatchObject({ seen: true })
      return
    }
    stops.push(stop.name)
    await press(page, key)
  }
  throw new Error(`${key} never comes to ${name}; it came to ${stops.join(' | ')}`)
}

/** Waits until the focus is where it belongs after something that takes it. */
const holdsFocus = (window: Window, name: string | RegExp) =>
  expect
    .poll(async () => (await focused(window.page)).name, soon)
    .toEqual(typeof name === 'string' ? name : expect.stringMatching(name))

const composer = '메시지 쓰기'

/** From the field below the history to one of its messages, and on to what can be done with it. */
async function goToMessage(window: Window, text: RegExp): Promise<void> {
  await goTo(window, composer)
  await goTo(window, /^(?!메시지 쓰기|파일 붙이기|가장 새 메시지로).+/, 'Shift+Tab')
  // Whatever of the last message has the focus: Shift+Tab goes on to the message itself.
  for (let step = 0; step < 8; step++) {
    if (await window.page.evaluate(() => document.activeElement?.tagName === 'LI')) break
    await press(window.page, 'Shift+Tab')
  }
  await goTo(window, text, 'ArrowUp')
}

async function openMenuOf(window: Window, text: RegExp): Promise<void> {
  await goToMessage(window, text)
  await goTo(window, '메시지 메뉴')
  await window.page.keyboard.press('Enter')
  await window.page.getByRole('menu').waitFor()
}

/** From the field below the history. */
async function openRoomMenu(window: Window): Promise<void> {
  await goTo(window, '이 대화의 메뉴', 'Shift+Tab')
  await window.page.keyboard.press('Enter')
  await window.page.getByRole('menu').waitFor()
}

/** In an open menu. */
async function choose(window: Window, entry: string): Promise<void> {
  await goTo(window, entry, 'ArrowDown')
  await window.page.keyboard.press('Enter')
}

async function openWith(window: Window, name: string): Promise<void> {
  const { page } = window
  await goTo(window, /이름, 메시지 검색/)
  await goTo(window, /^보관함/)
  await press(page, 'Tab')
  for (let step = 0; step < 12 && !(await focused(page)).name.includes(name); step++) {
    await press(page, 'ArrowDown')
  }
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 2, name }).waitFor()
  await holdsFocus(window, composer)
}

describe('by keyboard alone', { timeout: 90_000 }, () => {
  test('one signs in, opens a room, writes, answers, reacts, edits, copies and deletes', async () => {
    const window = await windows.openAt('/')
    const { page } = window
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: /김민준/ }).waitFor()
    await goTo(window, /김민준/)
    await page.keyboard.press('Enter')
    await window.rows.first().waitFor()
    await openWith(window, '한빛 식당')

    await page.keyboard.type('키보드로 씁니다')
    await page.keyboard.press('Enter')
    await expect.poll(() => window.message('키보드로 씁니다').textContent(), soon).toMatch(/보냄|전달됨|읽음/)

    // Answer what the other one said.
    await goToMessage(window, /^한빛 식당: 내일 면접/)
    await goTo(window, '답장')
    await page.keyboard.press('Enter')
    await holdsFocus(window, composer)
    await page.keyboard.type('괜찮습니다')
    await page.keyboard.press('Enter')
    await window
      .message('괜찮습니다')
      .getByRole('button', { name: /내일 면접/ })
      .waitFor()

    // React to it.
    await goToMessage(window, /^한빛 식당: 내일 면접/)
    await goTo(window, '공감 남기기')
    await page.keyboard.press('Enter')
    await goTo(window, '🙏')
    await page.keyboard.press('Enter')
    await window.message('내일 면접').getByRole('button', { name: '🙏 1' }).waitFor()
    await holdsFocus(window, '공감 남기기')

    // Copy it.
    await openMenuOf(window, /^한빛 식당: 내일 면접/)
    await choose(window, '복사')
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText()), soon).toContain('내일 면접')
    await holdsFocus(window, '메시지 메뉴')

    // Change one's own: by its menu, and the last one by ArrowUp.
    await openMenuOf(window, /키보드로 씁니다/)
    await choose(window, '수정')
    await holdsFocus(window, composer)
    await page.keyboard.press('End')
    await page.keyboard.type(' 정말로')
    await page.keyboard.press('Enter')
    await window.message('키보드로 씁니다 정말로').waitFor()
    await holdsFocus(window, composer)
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('End')
    await page.keyboard.type(' 네')
    await page.keyboard.press('Enter')
    await window.message('괜찮습니다 네').waitFor()

    // Delete one, after saying no once. The pointer rests where the question comes up, and takes nothing away.
    await page.mouse.move(640, 400)
    for (const answer of ['취소', '삭제']) {
      await openMenuOf(window, /키보드로 씁니다 정말로/)
      await choose(window, '삭제')
      await page.getByRole('alertdialog').waitFor()
      await holdsFocus(window, '취소')
      await goTo(window, answer)
      await page.keyboard.press('Enter')
      await page.getByRole('alertdialog').waitFor({ state: 'detached' })
      await holdsFocus(window, answer === '취소' ? '메시지 메뉴' : composer)
    }
    await window.message('삭제된 메시지입니다').waitFor()
    await window.keepScreenshot('keyboard-room-light-ko')
  })

  test('one marks unread, mutes, archives, takes out again, and comes back to the list', async () => {
    const window = await windows.open('김민준')
    const { page } = window
    await openWith(window, '서울 물류센터')
    await openRoomMenu(window)
    await choose(window, '알림 끄기')
    await holdsFocus(window, '이 대화의 메뉴')
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: '알림 켜기' }).waitFor()
    await choose(window, '보관하기')
    await holdsFocus(window, '이 대화의 메뉴')
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: '보관함에서 꺼내기' }).waitFor()
    await choose(window, '보관함에서 꺼내기')
    await window.row('서울 물류센터').waitFor()

    // Marked unread, the room is left: the focus is on its row.
    await goTo(window, composer)
    await openMenuOf(window, /이력서 잘 받았습니다/)
    await choose(window, '여기부터 안 읽음으로')
    await expect.poll(() => window.badgeOf('서울 물류센터'), soon).toBeGreaterThan(0)
    await holdsFocus(window, /서울 물류센터/)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 2, name: '서울 물류센터' }).waitFor()

    // Everything is read at once.
    await goTo(window, '대화 메뉴', 'Shift+Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('menu').waitFor()
    await choose(window, '모두 읽음으로')
    await expect.poll(() => window.total(), soon).toBe(0)
    await holdsFocus(window, '대화 메뉴')
  })

  test('one reports, blocks, unblocks, and leaves', async () => {
    const minjun = await demoPerson(windows.url, '김민준')
    await minjun.send(await minjun.roomWith('푸른 농장'), '이상한 말입니다')
    const window = await windows.open('푸른 농장')
    const { page } = window
    await openWith(window, '김민준')
    await window.message('이상한 말입니다').waitFor()

    await openMenuOf(window, /^김민준: 이상한 말입니다/)
    await choose(window, '신고하기')
    await page.getByRole('dialog').waitFor()
    await goTo(window, '광고나 도배')
    await press(page, 'ArrowDown')
    await press(page, 'ArrowDown')
    expect(await page.getByRole('radio', { name: '사기나 허위 공고' }).isChecked()).toBe(true)
    await goTo(window, '김민준 님 차단하기')
    await page.keyboard.press('Space')
    await goTo(window, '신고하기')
    await page.keyboard.press('Enter')
    await page.getByText('신고했습니다. 살펴보겠습니다.').waitFor()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await holdsFocus(window, '메시지 메뉴')

    await goTo(window, composer)
    await openRoomMenu(window)
    await choose(window, '차단 풀기')
    await holdsFocus(window, '이 대화의 메뉴')
    await page.keyboard.press('Enter')
    await page.getByRole('menu').waitFor()
    await choose(window, '신고하기')
    await page.getByRole('dialog', { name: '김민준 님 신고' }).waitFor()
    await page.keyboard.press('Escape')
    await holdsFocus(window, '이 대화의 메뉴')
    await goTo(window, '이 대화의 메뉴', 'Shift+Tab')
    for (const act of ['차단하기', '나가기']) {
      await page.keyboard.press('Enter')
      await page.getByRole('menu').waitFor()
      await choose(window, act)
      await page.getByRole('alertdialog').waitFor()
      await holdsFocus(window, '취소')
      await goTo(window, act)
      await page.keyboard.press('Enter')
      await page.getByRole('alertdialog').waitFor({ state: 'detached' })
      if (act === '차단하기') await holdsFocus(window, '이 대화의 메뉴')
    }
    await window.row('김민준').waitFor({ state: 'detached' })
    await goTo(window, '설정')
    await page.keyboard.press('Enter')
    await goTo(window, '차단 풀기')
    await page.keyboard.press('Enter')
    await page.getByText('차단한 사람이 없습니다.').waitFor()
  })

  test('one searches everywhere and in a room, and gives files', async () => {
    const [window, cafe] = await Promise.all([windows.open('이서연'), demoPerson(windows.url, '카페 온도')])
    const { page } = window
    // Asked for early: from then on the browser gives the choice to the test instead of opening a window of its own.
    const chosen = Promise.withResolvers<FileChooser>()
    page.once('filechooser', chosen.resolve)
    await cafe.send(await cafe.roomWith('이서연'), '앞치마는 저희가 드려요')
    await goTo(window, /이름, 메시지 검색/)
    // A message is found a moment after it was sent: until then one asks again.
    const look = async () => {
      await page.keyboard.press('Escape')
      await page.keyboard.type('앞치')
      await page.locator('mark').or(page.getByText('맞는 메시지가 없습니다.')).first().waitFor()
      return page.locator('mark').count()
    }
    await expect.poll(look, soon).toBe(1)
    await goTo(window, /앞치마는 저희가/)
    await page.keyboard.press('Enter')
    await window.message('앞치마는 저희가').waitFor()
    await holdsFocus(window, composer)

    await goTo(window, '이 대화에서 검색', 'Shift+Tab')
    await page.keyboard.press('Enter')
    await holdsFocus(window, '이 대화에서 검색')
    await page.keyboard.type('앞치')
    await page.locator('section mark').first().waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('textbox', { name: '이 대화에서 검색' }).waitFor({ state: 'detached' })
    await holdsFocus(window, '이 대화에서 검색')

    await goTo(window, '파일 붙이기')
    await page.keyboard.press('Enter')
    const chooser = await chosen.promise
    await chooser.setFiles([
      { name: '메모.txt', mimeType: 'text/plain', buffer: Buffer.from('메모') },
      { name: '둘째.txt', mimeType: 'text/plain', buffer: Buffer.from('둘째') },
    ])
    await expect.poll(() => page.locator('[data-upload=ready]').count(), soon).toBe(2)
    await holdsFocus(window, composer)
    await goTo(window, '둘째.txt 빼기', 'Shift+Tab')
    await page.keyboard.press('Enter')
    await holdsFocus(window, composer)
    await page.keyboard.press('Enter')
    await window.page.getByRole('button', { name: /메모\.txt/ }).waitFor()
    expect(await page.locator('main ol').getByText('둘째.txt').count()).toBe(0)
  })

  test('one reads notifications, chooses theme and language, and signs out', async () => {
    const window = await windows.open('김민준', { theme: 'dark' })
    const { page } = window
    const html = page.locator('html')
    await goTo(window, '알림')
    await page.keyboard.press('Enter')
    await page.getByText('한빛 식당이 지원서를 봤습니다').waitFor()
    await goTo(window, '모두 읽음')
    await page.keyboard.press('Enter')
    await page.getByTestId('notifications-badge').locator('[data-badge]').waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    await holdsFocus(window, '알림')

    await goTo(window, '설정')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: '설정' }).waitFor()
    await goTo(window, '시스템')
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => html.getAttribute('data-theme'), soon).toBe('light')
    await goTo(window, '한국어', 'Shift+Tab')
    await page.keyboard.press('ArrowRight')
    await page.getByRole('heading', { name: 'Settings' }).waitFor()
    await page.keyboard.press('Escape')
    await holdsFocus(window, 'Settings')
    await goTo(window, 'Sign out')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Who would you like to be?' }).waitFor()
  })

  test('one chooses what may reach one and when, ends another device, takes one’s data, and deletes the account', async () => {
    const [window, other] = await Promise.all([
      windows.open('바트바야르'),
      windows.open('바트바야르', { language: 'en' }),
    ])
    const { page } = window
    const token = await page.evaluate(() => sessionStorage.getItem('tally.token'))
    const devices = async () => {
      const answer = await fetch(`${windows.url}/v1/devices`, {
        headers: { authorization: `Bearer ${token}` },
      })
      return ((await answer.json()) as { items: unknown[] }).items.length
    }
    await expect.poll(devices, soon).toBe(2)
    await goTo(window, '설정')
    await page.keyboard.press('Enter')
    const push = page.getByRole('switch', { name: '메시지: 푸시' })
    await push.waitFor()
    await goTo(window, '메시지: 푸시')
    await page.keyboard.press('Space')
    await expect.poll(() => push.isChecked(), soon).toBe(false)
    await goTo(window, '정한 시간에 방해 금지')
    await page.keyboard.press('Space')
    const begin = page.getByLabel('시작', { exact: true })
    await begin.waitFor()
    await goTo(window, '시작')
    await page.keyboard.press('ArrowUp')
    await expect.poll(() => begin.inputValue(), soon).not.toBe('22:00')
    await goTo(window, '토요일')
    await page.keyboard.press('Space')
    await expect.poll(() => page.getByLabel('토요일').isChecked(), soon).toBe(false)
    const preferences = async () => {
      const answer = await fetch(`${windows.url}/v1/preferences`, {
        headers: { authorization: `Bearer ${token}` },
      })
      const { messages, quietHours } = (await answer.json()) as {
        messages: { push: boolean }
        quietHours: { on: boolean; days: number[] }
      }
      return { push: messages.push, on: quietHours.on, saturday: quietHours.days.includes(6) }
    }
    await expect.poll(preferences, soon).toEqual({ push: false, on: true, saturday: false })

    await goTo(window, /에서 로그아웃$/)
    await page.keyboard.press('Enter')
    await other.page.getByRole('button', { name: 'Sign in again' }).waitFor()
    other.problems.splice(0)
    // The focus stays in the list that the device has left.
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName), soon).toBe('UL')

    const saved = page.waitForEvent('download')
    await goTo(window, '내 데이터 받기')
    await page.keyboard.press('Enter')
    expect((await saved).suggestedFilename()).toBe('tally-export.json')
    await expect.poll(() => page.getByRole('button', { name: '내 데이터 받기' }).isEnabled(), soon).toBe(true)
    await goTo(window, '계정 삭제')
    await page.keyboard.press('Enter')
    await goTo(window, /이름\(바트바야르\)/)
    await page.keyboard.type('바트바야르')
    await window.keepScreenshot('keyboard-delete-light-ko')
    await goTo(window, '영구히 삭제')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: '누구로 시작할까요?' }).waitFor()
    // What the browser says of answers that refuse a token is no fault of the page.
    window.problems.splice(0)
  })
})
