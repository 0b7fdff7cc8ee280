import type { Locator } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { ATTACKS } from '../test-support/attacks.ts'
import { demoPerson } from '../test-support/demo-person.ts'
import type { Window } from '../test-support/open-window.ts'
import { startServer } from '../test-support/start-server.ts'
import { testWindows } from '../test-support/test-windows.ts'

const soon = { timeout: 20_000 }
const SERVER_KEY = 'the-key-of-the-host-in-these-tests'
const NAME_CHARS = 200

const windows = testWindows(() => startServer({ serverKey: SERVER_KEY }))
const { open } = windows

/** As far as a name may be, and without the ends that every field loses. */
const names = ATTACKS.map((attack) => attack.slice(0, NAME_CHARS).trim())

async function notify(userId: string, title: string, content: string): Promise<void> {
  const response = await fetch(`${windows.url}/v1/notifications`, {
    method: 'POST',
    headers: { 'x-api-key': SERVER_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ userIds: [userId], type: 'offer', title, content }),
  })
  if (!response.ok) throw new Error(`not created: ${await response.text()}`)
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
    for (const [index, person] of people.entries()) {
      const roomId = await person.makeDirect(cafe.id, { jobTitle: ATTACKS[index] ?? '' })
      await person.send(roomId, `from ${index}`)
    }
    const window = await open('카페 온도')
    const { page } = window
    for (const [index, name] of names.entries()) {
      const row = window.rows.filter({ hasText: `from ${index}` }).filter({ hasText: name })
      await row.first().click()
      const heading = page.getByRole('heading', { level: 2 })
      await expect.poll(() => heading.textContent(), soon).toBe(name)
      const header = page.locator('main header, section header').filter({ has: heading })
      expect(await header.textContent()).toContain(ATTACKS[index])
      // The part of the page is named after the room.
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
    for (const [index, attack] of ATTACKS.entries()) await notify(seoyeon.id, names[index] ?? '', attack)
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
  test('in notifications of the system', async () => {
    const lan = await demoPerson(windows.url, '응우옌 티 란')
    const window = await open('응우옌 티 란')
    const { page } = window
    await page.context().grantPermissions(['notifications'])
    await page.evaluate(async () => {
      localStorage.setItem('tally.alerts', JSON.stringify({ desktop: true }))
      await navigator.serviceWorker.ready
    })
    await page.reload()
    await window.rows.first().waitFor()
    // As when another tab is in front.
    await page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })
      document.dispatchEvent(new Event('visibilitychange'))
    })
    const shown = () =>
      page.evaluate(async () => {
        const worker = await navigator.serviceWorker.ready
        return (await worker.getNotifications()).map(({ title, body }) => ({ title, body }))
      })
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
      const expected = { title: name, body: (ATTACKS[index] ?? '').trim() }
      await expect.poll(shown, soon).toContainEqual(expected)
    }
    await notify(lan.id, names[0] ?? '', ATTACKS[1] ?? '')
    await expect.poll(shown, soon).toContainEqual({ title: names[0], body: ATTACKS[1] })
    await expectTextOnly(window)
  })
})
