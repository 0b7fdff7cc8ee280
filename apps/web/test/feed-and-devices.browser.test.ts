import { describe, expect, test } from 'vitest'
import { demoPerson } from '../test-support/demo-person.ts'
import { numberOn, type Window } from '../test-support/open-window.ts'
import { startServer } from '../test-support/start-server.ts'
import { testWindows } from '../test-support/test-windows.ts'
import { violations } from '../test-support/violations.ts'
import { watchNotifications } from '../test-support/watch-notifications.ts'

const soon = { timeout: 20_000 }
const SERVER_KEY = 'the-key-of-the-host-in-these-tests'

const windows = testWindows(() => startServer({ serverKey: SERVER_KEY }))
const { open } = windows

/** As the host's backend does. */
async function notify(
  name: string,
  title: string,
  more: { type?: string; link?: string } = {},
): Promise<void> {
  const { id } = await demoPerson(windows.url, name)
  const response = await fetch(`${windows.url}/v1/notifications`, {
    method: 'POST',
    headers: { 'x-api-key': SERVER_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ userIds: [id], type: 'application_viewed', title, content: '주방 보조', ...more }),
  })
  if (!response.ok) throw new Error(`not created: ${await response.text()}`)
}

const bell = ({ page }: Window) => page.getByTestId('notifications-badge')
const isUnseen = (window: Window) => bell(window).getAttribute('data-unseen')
const countOf = (window: Window) => numberOn(bell(window))
const openFeed = async ({ page }: Window) => {
  await page.getByRole('button', { name: /^(알림|Notifications)$/ }).click()
  await page.getByRole('radio', { name: /^(안 읽음|Unread)$/ }).waitFor()
}
const choose = ({ page }: Window, filter: string) =>
  page.getByRole('dialog').getByText(filter, { exact: true }).first().click()
const entry = ({ page }: Window, title: string) =>
  page.locator('[data-feed]').getByText(title, { exact: true })
const roleInFocus = ({ page }: Window) => page.evaluate(() => document.activeElement?.getAttribute('role'))
const openSettings = async ({ page }: Window) => {
  await page.getByRole('button', { name: /^(설정|Settings)$/ }).click()
  await page.getByRole('heading', { name: /^(설정|Settings)$/ }).waitFor()
}

describe('the feed, on two devices of one person', { timeout: 90_000 }, () => {
  test('opening it is seeing it, everywhere; reading it is another thing', async () => {
    await notify('이서연', '새 제안이 왔습니다')
    const [laptop, phone] = await Promise.all([
      open('이서연'),
      open('이서연', { width: 360, height: 740, theme: 'dark', language: 'en' }),
    ])
    await expect.poll(() => isUnseen(laptop), soon).toBe('true')
    await expect.poll(() => isUnseen(phone), soon).toBe('true')
    const count = await countOf(laptop)
    await phone.keepScreenshot('bell-unseen-360-dark-en')
    await openFeed(laptop)
    await entry(laptop, '새 제안이 왔습니다').waitFor()
    await expect.poll(() => isUnseen(phone), soon).toBe('false')
    await expect.poll(() => isUnseen(laptop), soon).toBe('false')
    for (const window of [laptop, phone]) await expect.poll(() => countOf(window), soon).toBe(count)
    await laptop.keepScreenshot('feed-new-light-ko')
    await phone.keepScreenshot('bell-seen-360-dark-en')

    await notify('이서연', '면접 시간이 정해졌습니다')
    await expect.poll(() => countOf(phone), soon).toBe(count + 1)
    // On the one that shows it, it is seen as it comes.
    await entry(laptop, '면접 시간이 정해졌습니다').waitFor()
    await expect.poll(() => isUnseen(phone), soon).toBe('false')
    await entry(laptop, '새 제안이 왔습니다').click()
    await expect.poll(() => countOf(phone), soon).toBe(count)
  })

  test('what is archived on one leaves both, is read, and can be brought back', async () => {
    for (const title of ['첫째 소식', '둘째 소식', '셋째 소식']) await notify('응우옌 티 란', title)
    const [laptop, phone] = await Promise.all([
      open('응우옌 티 란', { width: 1_440, height: 900 }),
      open('응우옌 티 란', { width: 360, height: 740, language: 'en' }),
    ])
    await expect.poll(() => countOf(phone), soon).toBe(3)
    await openFeed(laptop)
    await openFeed(phone)
    await entry(phone, '셋째 소식').waitFor()
    await laptop.page.getByRole('button', { name: '‘둘째 소식’ 보관하기' }).click()
    await entry(laptop, '둘째 소식').waitFor({ state: 'detached' })
    await entry(phone, '둘째 소식').waitFor({ state: 'detached' })
    await expect.poll(() => countOf(phone), soon).toBe(2)
    await laptop.keepScreenshot('feed-1440-light-ko')

    await choose(phone, 'Archived')
    await entry(phone, '둘째 소식').waitFor()
    await phone.keepScreenshot('feed-archived-360-light-en')
    await phone.page.getByRole('button', { name: 'Bring back “둘째 소식”' }).click()
    await phone.page.getByText('Nothing archived.').waitFor()
    await entry(laptop, '둘째 소식').waitFor()
    await expect.poll(() => countOf(laptop), soon).toBe(2)

    await laptop.page.getByRole('button', { name: '읽은 알림 모두 보관하기' }).click()
    await entry(laptop, '둘째 소식').waitFor({ state: 'detached' })
    await choose(laptop, '안 읽음')
    await entry(laptop, '첫째 소식').waitFor()
    const markAll = laptop.page.getByRole('button', { name: '모두 읽음' })
    await markAll.press('Enter')
    await laptop.page.getByText('안 읽은 알림이 없습니다.').waitFor()
    // The button goes, the focus stays in the feed.
    await markAll.waitFor({ state: 'detached' })
    await expect.poll(() => roleInFocus(laptop), soon).toBe('dialog')
    await expect.poll(() => countOf(phone), soon).toBe(0)
  })

  test('by keyboard: an entry is put away, and the focus goes on to the next one', async () => {
    for (const title of ['가 소식', '나 소식']) await notify('바트바야르', title)
    const window = await open('바트바야르', { theme: 'dark' })
    await expect.poll(() => countOf(window), soon).toBe(2)
    await window.page.getByRole('button', { name: '알림', exact: true }).focus()
    await window.page.keyboard.press('Enter')
    const first = window.page.getByRole('button', { name: '‘나 소식’ 보관하기' })
    await first.focus()
    await window.page.keyboard.press('Enter')
    await first.waitFor({ state: 'detached' })
    const focused = () => window.page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
    await expect.poll(focused, soon).toBe('‘가 소식’ 보관하기')
    await window.page.keyboard.press('Enter')
    await window.page.getByText('알림이 없습니다.', { exact: true }).waitFor()
    await expect.poll(() => countOf(window), soon).toBe(0)
  })

  test('what is unread is found however much was read after it', async () => {
    const window = await open('푸른 농장', { height: 900 })
    await notify('푸른 농장', '오래된 소식')
    for (let n = 1; n <= 50; n++) await notify('푸른 농장', `${n}번째 소식`)
    await window.page.evaluate(async () => {
      const headers = {
        authorization: `Bearer ${sessionStorage.getItem('tally.token')}`,
        'content-type': 'application/json',
      }
      const page = await fetch('/v1/notifications?limit=50', { headers })
      const { items } = (await page.json()) as { items: { id: string }[] }
      const body = JSON.stringify({ ids: items.map(({ id }) => id) })
      await fetch('/v1/notifications/read', { method: 'POST', headers, body })
    })
    await expect.poll(() => countOf(window), soon).toBe(1)
    await openFeed(window)
    await entry(window, '50번째 소식').waitFor()
    await choose(window, '안 읽음')
    await entry(window, '오래된 소식').waitFor()
    expect(await window.page.locator('[data-feed] li').count()).toBe(1)
  })

  test('what the server refuses comes back, and is said', async () => {
    await notify('카페 온도', '남아 있을 소식')
    const window = await open('카페 온도')
    await openFeed(window)
    await window.page.route('**/v1/notifications/archive', (route) =>
      route.fulfill({
        status: 503,
        contentType: 'application/json',
        body: JSON.stringify({ error: { code: 'storage_unavailable', message: 'x', retry: 'later' } }),
      }),
    )
    await window.page.getByRole('button', { name: '‘남아 있을 소식’ 보관하기' }).click()
    await window.page.getByText('지금은 저장할 수 없습니다. 잃은 것은 없습니다.').waitFor()
    await entry(window, '남아 있을 소식').waitFor()
    // What the browser says of the answer that was refused is no fault of the page.
    window.problems.splice(0)
  })
})

describe('before the browser asks whether it may show notifications, the page does', {
  timeout: 90_000,
}, () => {
  const permission = ({ page }: Window) => page.evaluate(() => Notification.permission)

  test('“not now” is no answer to the browser, and holds the next time', async () => {
    const window = await open('카페 온도')
    const { page } = window
    const question = page.getByText('새 메시지를 알려 드릴까요?')
    await openFeed(window)
    await question.waitFor()
    expect(await violations(window)).toEqual([])
    await page.getByRole('button', { name: '나중에' }).press('Enter')
    await question.waitFor({ state: 'detached' })
    // The focus stays in the feed.
    await expect.poll(() => roleInFocus(window), soon).toBe('dialog')
    expect(await permission(window)).toBe('default')
    await page.reload()
    await window.rows.first().waitFor()
    await openFeed(window)
    expect(await question.count()).toBe(0)
  })

  test('“turn on” puts the browser’s question, and its yes is what the settings say', async () => {
    const window = await open('이서연', { language: 'en' })
    const { page } = window
    await openFeed(window)
    await page.getByText('Hear of new messages?').waitFor()
    // What somebody would answer to the browser.
    await page.context().grantPermissions(['notifications'])
    await page.getByRole('button', { name: 'Turn on' }).click()
    await page.getByText('Hear of new messages?').waitFor({ state: 'detached' })
    expect(await permission(window)).toBe('granted')
    await page.keyboard.press('Escape')
    await openSettings(window)
    expect(await page.getByRole('switch', { name: 'Browser notifications' }).isChecked()).toBe(true)
  })
})

describe('a feed that cannot be had', { timeout: 90_000 }, () => {
  const BUSY = {
    status: 503,
    contentType: 'application/json',
    body: JSON.stringify({ error: { code: 'overloaded', message: 'x', retry: 'never' } }),
  }

  test('says so, whichever part of it is looked at, and is there after another try', async () => {
    await notify('이서연', '기다리는 소식')
    const window = await open('이서연', { width: 360, height: 740 })
    const { page } = window
    let isBusy = true
    await page.route(/\/v1\/notifications(\?|$)/, (route) =>
      isBusy ? route.fulfill(BUSY) : route.continue(),
    )
    await openFeed(window)
    const failure = page.getByRole('alert').getByText('서버가 바쁩니다. 잠시 뒤에 다시 해 보세요.')
    const retry = page.getByRole('button', { name: '다시 시도' })
    await failure.waitFor()
    expect(await page.getByText('알림이 없습니다.').count()).toBe(0)
    await window.keepScreenshot('feed-failed-360-light-ko')
    for (const filter of ['안 읽음', '보관함']) {
      await choose(window, filter)
      await failure.waitFor()
      await retry.click()
      await failure.waitFor()
    }
    isBusy = false
    await retry.click()
    await page.getByText('보관한 알림이 없습니다.').waitFor()
    await choose(window, '전체')
    await retry.click()
    await failure.waitFor({ state: 'detached' })
    await entry(window, '기다리는 소식').waitFor()
    // What the browser says of the answers that were refused is no fault of the page.
    window.problems.splice(0)
  })

  test('is there by itself when the connection comes back', async () => {
    const window = await open('바트바야르')
    const { page } = window
    await openFeed(window)
    await page.getByText('알림이 없습니다.', { exact: true }).waitFor()
    await page.context().setOffline(true)
    await choose(window, '보관함')
    await page.getByRole('alert').getByText('연결이 없어 하지 못했습니다.').waitFor()
    await page.context().setOffline(false)
    await page.getByRole('alert').waitFor({ state: 'detached' })
  })
})

describe('what came while the network was away', { timeout: 90_000 }, () => {
  test('is told by the system once it is back: each chat once, in a group with who spoke', async () => {
    const [company, other] = await Promise.all([
      demoPerson(windows.url, '한빛 식당'),
      demoPerson(windows.url, '카페 온도'),
    ])
    const seeker = await demoPerson(windows.url, '김민준')
    const group = await company.makeGroup('면접 준비', [seeker.id, other.id])
    const direct = await company.roomWith('김민준')
    const window = await open('김민준', { installed: true })
    const { page } = window
    const shown = await watchNotifications(window)
    await window.row('면접 준비').waitFor()
    const totalNow = async () => {
      const headers = { authorization: `Bearer ${seeker.token}` }
      const badge = await (await fetch(`${windows.url}/v1/badge`, { headers })).json()
      return (badge as { total: number }).total
    }
    const before = await totalNow()
    await page.context().setOffline(true)
    await page.locator('[data-connection=offline]').first().waitFor({ state: 'attached' })
    for (const text of ['첫째', '둘째', '셋째']) await company.send(direct, text)
    await other.send(group, '저도 갑니다')
    await expect.poll(totalNow, soon).toBe(before + 4)
    await page.context().setOffline(false)
    const plain = async () =>
      (await shown()).map(({ title, body = '' }) => [title, body.replaceAll(/[\u2068\u2069]/g, '')])
    await expect.poll(async () => (await plain()).length, soon).toBe(2)
    expect(await plain()).toEqual([
      ['한빛 식당', '셋째'],
      ['면접 준비', '카페 온도: 저도 갑니다'],
    ])
  })
})

describe('preferences, on two devices of one person', { timeout: 90_000 }, () => {
  test('what one chose the other shows; neither undoes the other', async () => {
    await notify('한빛 식당', '지원자가 있습니다')
    const [laptop, phone] = await Promise.all([
      open('한빛 식당', { width: 1_440, height: 1_000 }),
      open('한빛 식당', { width: 360, height: 1_300, theme: 'dark', language: 'en' }),
    ])
    await openSettings(laptop)
    await openSettings(phone)
    const pushOf = (window: Window, name: string) => window.page.getByRole('switch', { name, exact: true })
    await pushOf(laptop, '메시지: 푸시').waitFor()
    await pushOf(phone, 'Application viewed: In app').waitFor()
    expect(await phone.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
    await pushOf(laptop, '메시지: 푸시').click({ force: true })
    await pushOf(phone, 'Application viewed: In app').click({ force: true })
    await expect.poll(() => pushOf(phone, 'Application viewed: Push').isDisabled(), soon).toBe(true)
    await phone.page.getByText('Keep quiet at set hours').click()
    await phone.page.getByLabel('Saturday').click({ force: true })
    await phone.page.getByLabel('From').fill('21:30')
    await phone.keepScreenshot('preferences-360-dark-en')
    await laptop.keepScreenshot('preferences-1440-light-ko')

    const fresh = async (window: Window) => {
      await window.page.reload()
      await window.rows.first().waitFor()
      await openSettings(window)
    }
    const shown = async () => {
      await fresh(laptop)
      await pushOf(laptop, '메시지: 푸시').waitFor()
      return {
        messages: await pushOf(laptop, '메시지: 푸시').isChecked(),
        viewed: await pushOf(laptop, '지원서 열람: 앱 안').isChecked(),
        from: await laptop.page
          .getByLabel('시작', { exact: true })
          .inputValue({ timeout: 2_000 })
          .catch(() => ''),
      }
    }
    await expect.poll(shown, soon).toEqual({ messages: false, viewed: false, from: '21:30' })
    expect(await laptop.page.getByLabel('토요일').isChecked()).toBe(false)
    expect(await laptop.page.getByLabel('시간대').inputValue()).toBe('Asia/Seoul')
    const before = await countOf(laptop)
    await notify('한빛 식당', '보이지 않을 소식')
    await notify('한빛 식당', '보일 소식', { type: 'other' })
    await expect.poll(() => countOf(laptop), soon).toBe(before + 1)
    // That it was overtaken is what the one that came second hears from its server.
    for (const window of [laptop, phone]) window.problems.splice(0)
  })
})

describe('devices', { timeout: 90_000 }, () => {
  test('are listed, and one that is signed out from another one is out at once', async () => {
    const [laptop, phone] = await Promise.all([
      open('서울 물류센터', { height: 1_000 }),
      open('서울 물류센터', { width: 360, height: 740, theme: 'dark', language: 'en' }),
    ])
    const others = laptop.page.getByRole('button', { name: /에서 로그아웃$/ })
    const look = async () => {
      await laptop.page.keyboard.press('Escape')
      await openSettings(laptop)
      await laptop.page.getByText('지금 이 기기').waitFor()
      return others.count()
    }
    await expect.poll(look, soon).toBe(1)
    await others.first().scrollIntoViewIfNeeded()
    // Two of a kind are told apart by when one signed in on them.
    const rows = laptop.page.locator('[data-device]')
    for (const row of await rows.allTextContents()) expect(row).toMatch(/월 \d+일 오[전후] \d+:\d\d 로그인/)
    await laptop.keepScreenshot('devices-light-ko')
    await others.first().click()
    await phone.page.getByRole('button', { name: 'Sign in again' }).waitFor()
    await phone.keepScreenshot('signed-out-360-dark-en')
    expect(await violations(phone)).toEqual([])
    await expect.poll(() => others.count(), soon).toBe(0)
    await laptop.page.getByText('지금 이 기기').waitFor()
    // What the browser says of answers that refuse a token is no fault of the page.
    phone.problems.splice(0)
  })
})
