import { createTally } from '@tally/client'
import { LIMITS, type RoomId } from '@tally/protocol'
import type { Locator } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { ATTACKS } from '../test-support/attacks.ts'
import { demoPerson } from '../test-support/demo-person.ts'
import type { Window } from '../test-support/open-window.ts'
import { picture } from '../test-support/picture.ts'
import { startServer } from '../test-support/start-server.ts'
import { testWindows } from '../test-support/test-windows.ts'
import { shownByBrowser, watchNotifications } from '../test-support/watch-notifications.ts'

const soon = { timeout: 20_000 }
const SERVER_KEY = 'the-key-of-the-host-in-these-tests'
const NAME_CHARS = 200

const windows = testWindows(() => startServer({ serverKey: SERVER_KEY }))
const { open } = windows

/** As far as a name may be, and without the ends that every field loses. */
const names = ATTACKS.map((attack) => attack.slice(0, NAME_CHARS).trim())

/** Names of files have no slash. */
const fileNames = names.map((name) => name.replaceAll(/[/\\]/g, '|'))

async function notify(
  { id }: { id: string },
  { type = 'offer', title, content }: { type?: string; title: string; content: string },
): Promise<void> {
  const response = await fetch(`${windows.url}/v1/notifications`, {
    method: 'POST',
    headers: { 'x-api-key': SERVER_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ userIds: [id], type, title, content }),
  })
  if (!response.ok) throw new Error(`not created: ${await response.text()}`)
}

async function ask(token: string, method: string, path: string, body: object): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const response = await fetch(windows.url + path, { method, headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
}

/** Somebody who is about to write in a room. */
function typist(token: string, roomId: string): { type(): void; stop(): Promise<void> } {
  const tally = createTally({ url: windows.url, token })
  const room = tally.room(roomId as RoomId)
  tally.start()
  const close = room.open()
  return {
    type: () => room.setTyping(true),
    stop: () => {
      close()
      return tally.stop()
    },
  }
}

const labelsOf = (place: Locator) =>
  place.evaluateAll((elements) => elements.map((element) => element.getAttribute('aria-label') ?? ''))

/** Nothing of it became an element, a link out or a script, and nothing of it ran. */
async function expectTextOnly({ page }: Window): Promise<void> {
  expect(await page.title()).toMatch(/^(\(\d+\) )?Tally$/)
  expect(await page.locator('img, iframe, svg a, [onerror], [onload], [onclick]').count()).toBe(0)
  expect(await page.locator('a:not([href^="/"])').count()).toBe(0)
  expect(await page.locator('script:not([src])').count()).toBe(0)
  expect(await page.locator('main b, main i, nav b, nav i').count()).toBe(0)
}

describe('text is text, whatever it says', { timeout: 120_000 }, () => {
  test('in who one talks to, in what a room is about, and in what is asked about them', async () => {
    const cafe = await demoPerson(windows.url, '카페 온도')
    const people = await Promise.all(
      names.map((name, index) =>
        demoPerson(windows.url, name, { userId: `attacker-${index}`, userType: 'job_seeker' }),
      ),
    )
    const typing = await Promise.all(
      people.map(async (person, index) => {
        const roomId = await person.makeDirect(cafe.id, { jobTitle: ATTACKS[index] ?? '' })
        await person.send(roomId, `from ${index}`)
        return typist(person.token, roomId)
      }),
    )
    const window = await open('카페 온도')
    const { page } = window
    for (const [index, name] of names.entries()) {
      const row = window.rows.filter({ hasText: `from ${index}` }).filter({ hasText: name })
      await row.first().click()
      const heading = page.getByRole('heading', { level: 2 })
      await expect.poll(() => heading.textContent(), soon).toBe(name)
      const header = page.locator('main header, section header').filter({ has: heading })
      expect(await header.textContent()).toContain(ATTACKS[index])
      // Who types is named in words of the page.
      const line = page.locator('main p[aria-live]')
      const isTyping = async () => {
        typing[index]?.type()
        return line.allTextContents()
      }
      await expect.poll(isTyping, soon).toContain(`${name} 입력 중…`)
      await typing[index]?.stop()
      await page.getByRole('button', { name: '이 대화의 메뉴' }).click()
      await page.getByRole('menuitem', { name: '차단하기' }).click()
      const question = page.getByRole('alertdialog')
      await question.waitFor()
      expect(await question.textContent()).toContain(name)
      await page.keyboard.press('Escape')
      await question.waitFor({ state: 'detached' })
      await expectTextOnly(window)
    }
    await window.keepScreenshot('attacks-rooms-light-ko')
  })

  test('in the feed, and on its buttons', async () => {
    const seoyeon = await demoPerson(windows.url, '이서연')
    const window = await open('이서연')
    const { page } = window
    for (const [index, content] of ATTACKS.entries())
      await notify(seoyeon, { title: names[index] ?? '', content })
    await page.getByRole('button', { name: '알림', exact: true }).click()
    const shown = page.locator('[data-feed] span[dir=auto]')
    await expect
      .poll(async () => {
        const texts = await shown.allTextContents()
        return [...names, ...ATTACKS].filter((attack) => !texts.some((text) => text.trim() === attack.trim()))
      }, soon)
      .toEqual([])
    const labels = await labelsOf(page.locator('[data-feed] button[aria-label]'))
    expect(names.filter((name) => !labels.some((label) => label.includes(name)))).toEqual([])
    await window.keepScreenshot('attacks-feed-light-ko')
    await expectTextOnly(window)
  })

  test('in the names of files, while they wait and when they are there', async () => {
    const window = await open('푸른 농장')
    const { page } = window
    await window.openRoom('김민준')
    const pick = (files: readonly string[], type: { mimeType: string; buffer: Buffer }) =>
      page.locator('input[type=file]').setInputFiles(files.map((name) => ({ name, ...type })))
    const lacking = (shown: readonly string[], files: readonly string[]) =>
      files.filter((name) => !shown.some((text) => text === name))
    for (const files of [fileNames.slice(0, 6), fileNames.slice(6)]) {
      await pick(files, { mimeType: 'text/plain', buffer: Buffer.from('x') })
      await expect.poll(() => page.locator('[data-upload=ready]').count(), soon).toBe(files.length)
      expect(lacking(await page.locator('[data-upload] [title]').allTextContents(), files)).toEqual([])
      const labels = await labelsOf(page.locator('[data-upload] button'))
      expect(files.filter((name) => !labels.includes(`${name} 빼기`))).toEqual([])
      await page.keyboard.press('Enter')
      const sent = page.locator('main ol button span[dir=auto]')
      await expect.poll(async () => lacking(await sent.allTextContents(), files), soon).toEqual([])
      await expectTextOnly(window)
    }
    await window.keepScreenshot('attacks-files-light-ko')
    const [script = ''] = fileNames
    await pick([script], { mimeType: 'image/png', buffer: picture(80, 60) })
    await expect.poll(() => page.locator('[data-upload=ready]').count(), soon).toBe(1)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: `${script} 크게 보기` }).click()
    await page.getByRole('dialog', { name: script }).waitFor()
    expect(await page.title()).not.toContain('gone')
  })

  test('in the settings: types of notifications, devices, whom one has blocked', async () => {
    const logistics = await demoPerson(windows.url, '서울 물류센터')
    const types = names.map((name) => name.slice(0, LIMITS.typeChars).trim())
    const deviceNames = names.map((name) => name.slice(0, LIMITS.deviceNameChars).trim())
    for (const [index, name] of names.entries()) {
      await notify(logistics, { type: types[index] ?? '', title: 'x', content: 'x' })
      const blocked = await demoPerson(windows.url, name, { userId: `blocked-${index}`, userType: 'company' })
      await ask(logistics.token, 'PUT', '/v1/blocks', { userId: blocked.id, blocked: true })
      const device = await demoPerson(windows.url, '서울 물류센터')
      await ask(device.token, 'PUT', `/v1/devices/device-${100 + index}`, { name: deviceNames[index] })
    }
    const window = await open('서울 물류센터', { height: 1_000 })
    const { page } = window
    await page.getByRole('button', { name: '설정' }).click()
    await page.getByRole('heading', { name: '로그인한 기기' }).waitFor()
    const texts = async (place: string) =>
      (await page.locator(place).allTextContents()).map((text) => text.trim())
    const inTable = types.map((type) => type.replaceAll('_', ' '))
    expect(await texts('[role=dialog] th[scope=row]')).toEqual(expect.arrayContaining(inTable))
    const listed = await texts('[role=dialog] li span[dir=auto]')
    expect(listed).toEqual(expect.arrayContaining([...names, ...deviceNames]))
    const labels = await labelsOf(page.locator('[data-device] button'))
    expect(deviceNames.filter((name) => !labels.includes(`${name}에서 로그아웃`))).toEqual([])
    // However long it is, what can be done with it stays in sight.
    const tooWide = await page
      .getByRole('dialog')
      .evaluate(
        (dialog) =>
          [...dialog.querySelectorAll('div')].filter((part) => part.scrollWidth > part.clientWidth).length,
      )
    expect(tooWide).toBe(0)
    await window.keepScreenshot('attacks-settings-types-light-ko')
    await page.locator('[data-device]').last().scrollIntoViewIfNeeded()
    await window.keepScreenshot('attacks-settings-light-ko')
    await expectTextOnly(window)
  })

  test('in one’s own name, and in what the product itself says', async () => {
    const minjun = await demoPerson(windows.url, '김민준')
    const window = await windows.openAt('/')
    const { page } = window
    // A page load for each: those that would do something, and those that look like something else.
    for (const name of names.filter((_, index) => [0, 1, 2, 6, 7, 8].includes(index))) {
      const userId = `own-name-${names.indexOf(name)}`
      const person = await demoPerson(windows.url, name, { userId, userType: 'company' })
      const roomId = await person.makeDirect(minjun.id)
      for (const text of ATTACKS.slice(0, name === names[0] ? ATTACKS.length : 1)) {
        const response = await fetch(`${windows.url}/v1/rooms/${roomId}/system-messages`, {
          method: 'POST',
          headers: { 'x-api-key': SERVER_KEY, 'content-type': 'application/json' },
          body: JSON.stringify({ text }),
        })
        expect(response.status).toBe(201)
      }
      await page.evaluate((token) => sessionStorage.setItem('tally.token', token), person.token)
      await page.goto(`/r/${roomId}`)
      await expect.poll(() => page.locator('footer span[dir=auto]').textContent(), soon).toBe(name)
      const said = page.locator('main ol p')
      const lacking = async () => {
        const texts = await said.allTextContents()
        return ATTACKS.slice(0, name === names[0] ? ATTACKS.length : 1).filter(
          (text) => !texts.includes(text.trim()),
        )
      }
      await expect.poll(lacking, soon).toEqual([])
      await page.getByRole('button', { name: '설정' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('button', { name: '계정 삭제' }).click()
      expect(await dialog.locator('span[dir=auto]').first().textContent()).toBe(name)
      expect(await dialog.locator('form label').textContent()).toContain(`(${name})`)
      await expectTextOnly(window)
    }
    await window.keepScreenshot('attacks-own-name-light-ko')
  })

  test('and what is no text at all is refused in words, and stays to be put right', async () => {
    const window = await open('바트바야르')
    const { page } = window
    await window.openRoom('한빛 식당')
    for (const [index, broken] of [[0x0061, 0x0000, 0x0062], [0x0061, 0xd83d], [0xdc4d]].entries()) {
      // As a program that types would: no keyboard can.
      const type = (label: string) =>
        page.getByRole('textbox', { name: label }).evaluate((field, units) => {
          const { prototype } = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement
          const set = Object.getOwnPropertyDescriptor(prototype, 'value')?.set
          set?.call(field, String.fromCharCode(...units))
          field.dispatchEvent(new Event('input', { bubbles: true }))
        }, broken)
      await type('메시지 쓰기')
      await page.getByRole('textbox', { name: '메시지 쓰기' }).press('Enter')
      await page.getByText('보낼 수 없는 문자가 들어 있습니다.').waitFor()
      const kept = await page
        .getByRole('textbox', { name: '메시지 쓰기' })
        .evaluate((field: HTMLTextAreaElement) =>
          Array.from({ length: field.value.length }, (_, at) => field.value.charCodeAt(at)),
        )
      expect(kept).toEqual(broken)
      await type('이름, 메시지 검색')
      // Half of a pair goes to the server as the sign for what is no character; NUL is refused there.
      await page.getByText(/^(두 글자부터 찾습니다|맞는 메시지가 없습니다)\.$/).waitFor()
      await page.getByRole('button', { name: '검색 지우기' }).click()
      await page.getByRole('textbox', { name: '메시지 쓰기' }).fill(`이제 글입니다 ${index}`)
      await page.keyboard.press('Enter')
      await expect
        .poll(() => window.message(`이제 글입니다 ${index}`).textContent(), soon)
        .toMatch(/보냄|전달됨|읽음/)
    }
    // What the browser says of answers that refuse is no fault of the page.
    window.problems.splice(0)
    await expectTextOnly(window)
  })

  test('in notifications of the system', async () => {
    const lan = await demoPerson(windows.url, '응우옌 티 란')
    const window = await open('응우옌 티 란', { installed: true })
    const { page } = window
    const shown = await watchNotifications(window)
    const people = await Promise.all(
      names.map((name, index) =>
        demoPerson(windows.url, name, { userId: `notifier-${index}`, userType: 'company' }),
      ),
    )
    const before = await window.rows.count()
    const rooms = await Promise.all(people.map((person) => person.makeDirect(lan.id)))
    await expect.poll(() => window.rows.count(), soon).toBe(before + names.length)
    for (const [index, name] of names.entries()) {
      await people[index]?.send(rooms[index] ?? '', ATTACKS[index] ?? '')
      await expect.poll(shown, soon).toContainEqual({ title: name, body: (ATTACKS[index] ?? '').trim() })
    }
    await notify(lan, { title: names[0] ?? '', content: ATTACKS[1] ?? '' })
    await expect.poll(shown, soon).toContainEqual({ title: names[0], body: ATTACKS[1] })
    const all = await shown()
    expect(all).toHaveLength(names.length + 1)
    expect(await shownByBrowser(page)).toEqual(expect.arrayContaining(all))
    await expectTextOnly(window)
  })
})
