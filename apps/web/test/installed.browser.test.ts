import type { BrowserContext, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { demoPerson } from '../test-support/demo-person.ts'
import { testWindows } from '../test-support/test-windows.ts'

const soon = { timeout: 20_000 }

const windows = testWindows()
const { open } = windows

describe('installed', { timeout: 60_000 }, () => {
  test('the page opens without a network, says so, and goes on when there is one', async () => {
    const lan = await open('응우옌 티 란', { installed: true })
    await lan.page.evaluate(async () => {
      await navigator.serviceWorker.ready
    })
    await lan.page.addInitScript(noteIcon)
    await lan.page.context().setOffline(true)
    await lan.page.reload()
    await lan.page.getByText('지금은 연결이 없습니다.').waitFor()
    // What stands on its icon is left there until something newer is known.
    expect(await lan.page.evaluate(lastOnIcon)).toBe(null)
    await lan.keepScreenshot('offline-start-light-ko')
    await lan.page.context().setOffline(false)
    await lan.rows.first().waitFor()
  })

  test('a room that does not come without a connection says so, and leads back', async () => {
    const { page } = await open('응우옌 티 란', { width: 360, height: 740, installed: true })
    await page.context().setOffline(true)
    await page.locator('[data-connection=offline]').first().waitFor({ state: 'attached' })
    await page.evaluate(() => {
      history.pushState(null, '', '/r/unknown')
      dispatchEvent(new PopStateEvent('popstate'))
    })
    await page.getByText('지금은 연결이 없습니다', { exact: true }).waitFor()
    await page.getByRole('link', { name: '뒤로' }).click()
    await page.locator('[data-room]').first().waitFor()
  })

  test('closed and opened again, it is whose it was; a tab of somebody else stays theirs', async () => {
    const lan = await open('응우옌 티 란', { installed: true })
    const context = lan.page.context()
    const openTab = async (address = '/') => {
      const page = await context.newPage()
      await page.goto(address)
      await page.locator('[data-room]').first().waitFor()
      return page
    }
    const ownerOf = (page: Page) => page.locator('footer').textContent()
    await lan.page.close()
    const again = await openTab()
    expect(await ownerOf(again)).toContain('응우옌 티 란')

    const other = await openTab()
    const { token } = await other.evaluate(async () => {
      const body = JSON.stringify({ userId: 'demo-seoyeon', name: '이서연', userType: 'job_seeker' })
      const headers = { 'content-type': 'application/json' }
      return (await fetch('/dev/login', { method: 'POST', headers, body })).json()
    })
    await other.evaluate((given) => sessionStorage.setItem('tally.token', given), token)
    await other.reload()
    await expect.poll(() => ownerOf(other), soon).toContain('이서연')
    await again.reload()
    await expect.poll(() => ownerOf(again), soon).toContain('응우옌 티 란')

    // A notification that is pressed is followed by the page of whoever it was for.
    const room = await again.locator('[data-room]').first().getAttribute('data-room')
    await expect.poll(() => context.serviceWorkers().length, soon).toBe(1)
    const press = () => pressNotification(context, { userId: 'demo-lan', path: `/r/${room}` })
    await other.bringToFront()
    // Pages have half a second to say whose they are: one that is too busy for that is asked again.
    await expect.poll(press, soon).toEqual([])
    await again.waitForURL(`**/r/${room}`)
    expect(new URL(other.url()).pathname).toBe('/')

    // Where none of theirs is open, a new one is: the room for them, and the list for whoever else it turns out to be.
    await again.close()
    const [address = ''] = await press()
    const opened = await openTab(address)
    await opened.waitForURL(`${windows.url}/r/${room}`)
    await opened.locator('main h2').waitFor()
    expect(await ownerOf(opened)).toContain('응우옌 티 란')
    await opened.evaluate((given) => localStorage.setItem('tally.token', given), token)
    const stranger = await openTab(address)
    await stranger.waitForURL(`${windows.url}/`)
    expect(await ownerOf(stranger)).toContain('이서연')
    expect(await stranger.locator('main h2').count()).toBe(0)
    // What leads on from there is theirs again.
    await stranger.locator('[data-room]').first().click()
    await stranger.locator('main h2').waitFor()
  })

  test('signed out, it keeps nothing that was begun, its token is good no more, and it asks who it is', async () => {
    const minjun = await open('김민준')
    const token = await minjun.page.evaluate(() => sessionStorage.getItem('tally.token'))
    const answer = async () => {
      const headers = { authorization: `Bearer ${token}` }
      return (await fetch(`${windows.url}/v1/devices`, { headers })).status
    }
    expect(await answer()).toBe(200)
    const drafts = () =>
      minjun.page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('tally.draft')))
    await minjun.openRoom('한빛 식당')
    await minjun.page.getByRole('textbox', { name: /메시지 쓰기/ }).fill('아직 쓰는 중')
    await expect.poll(async () => (await drafts()).length, soon).toBe(1)
    await minjun.page.getByRole('button', { name: '설정' }).click()
    await minjun.page.getByRole('dialog').getByRole('button', { name: '로그아웃' }).first().click()
    const asked = minjun.page.getByRole('heading', { name: '누구로 시작할까요?' })
    await asked.waitFor()
    expect(await drafts()).toEqual([])
    await expect.poll(answer, soon).toBe(401)
    await minjun.page.reload()
    await asked.waitFor()
    expect(await minjun.page.evaluate(() => localStorage.getItem('tally.token'))).toBeNull()
  })

  test('its icon counts everything that waits, and is clean when there is nothing', async () => {
    const window = await windows.openAt('/')
    await window.page.addInitScript(noteIcon)
    await window.page.reload()
    await window.continueAs('카페 온도')
    const onIcon = () => window.page.evaluate(lastOnIcon)
    const [seeker, { id }] = await Promise.all([
      demoPerson(windows.url, '이서연'),
      demoPerson(windows.url, '카페 온도'),
    ])
    const room = await seeker.makeDirect(id, { about: 'icon' })
    await seeker.send(room, '하나')
    await seeker.send(room, '둘')
    // The sign in the tab counts the same, and those who listen hear it once it has come to rest. Which number that is
    // depends on what else waits for the café, so they are held against the page's own until all say it.
    const sign = async () =>
      decodeURIComponent((await window.page.locator('link[rel=icon]').getAttribute('href')) ?? '')
    const said = () => window.page.locator('p[aria-live=polite]').allTextContents()
    const whoSaysIt = async () => {
      const total = await window.total()
      return {
        atLeastTwo: total >= 2,
        icon: (await onIcon()) === total,
        tab: (await sign()).includes(`>${total}</text>`),
        told: (await said()).includes(`안 읽은 메시지 ${total}개`),
      }
    }
    await expect.poll(whoSaysIt, soon).toEqual({ atLeastTwo: true, icon: true, tab: true, told: true })
    await window.page.getByRole('button', { name: '로그아웃' }).click()
    await expect.poll(onIcon, soon).toBe(0)
  })

  test('it can be installed: a manifest with icons that are there', async () => {
    const manifest = await (await fetch(`${windows.url}/manifest.webmanifest`)).json()
    expect(manifest).toMatchObject({ display: 'standalone', start_url: '/' })
    for (const { src, type } of manifest.icons) {
      const icon = await fetch(`${windows.url}${src}`)
      expect([src, icon.status, icon.headers.get('content-type')?.split(';')[0]]).toEqual([src, 200, type])
    }
    const worker = await fetch(`${windows.url}/sw.js`)
    expect(worker.headers.get('cache-control')).toBe('no-cache')
    expect(worker.headers.get('content-security-policy')).toContain("script-src 'self'")
  })
})

/** Runs in a page before anything of it: notes what is put on the icon of the installed app. */
function noteIcon(): void {
  const icon: number[] = []
  const set = async (count = 0) => void icon.push(count)
  Object.assign(window, { icon })
  Object.defineProperties(navigator, {
    setAppBadge: { value: set },
    clearAppBadge: { value: () => set(0) },
  })
}

/** Runs in the page: `null` where nothing was put there. */
function lastOnIcon(): number | null {
  return (globalThis as unknown as { icon: number[] }).icon.at(-1) ?? null
}

/**
 * What the service worker does when a notification is pressed. Only the browser itself may bring a page to the front, or
 * open one.
 * @returns the addresses that it would have opened
 */
async function pressNotification(
  context: BrowserContext,
  data: { userId: string; path: string },
): Promise<string[]> {
  const [worker] = context.serviceWorkers()
  if (worker === undefined) throw new Error('there is no service worker')
  return worker.evaluate(async (given) => {
    const opened: string[] = []
    const { clients } = globalThis as unknown as { clients: object }
    Object.assign(clients, { openWindow: async (address: string) => void opened.push(address) })
    const work: Promise<unknown>[] = []
    const event = Object.assign(new Event('notificationclick'), {
      notification: { data: given, close() {} },
      waitUntil: (one: Promise<unknown>) => void work.push(one.catch(() => {})),
    })
    dispatchEvent(event)
    await Promise.all(work)
    return opened
  }, data)
}
