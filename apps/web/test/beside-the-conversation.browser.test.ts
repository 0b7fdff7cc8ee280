import { readFile } from 'node:fs/promises'
import { CLIENT_LIMITS } from '@tally/protocol'
import type { Locator } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { demoPerson } from '../test-support/demo-person.ts'
import type { Window } from '../test-support/open-window.ts'
import { picture } from '../test-support/picture.ts'
import { testWindows } from '../test-support/test-windows.ts'
import { violations } from '../test-support/violations.ts'

const soon = { timeout: 20_000 }

const windows = testWindows()
const { open } = windows

const text = (name: string, content: string) => ({
  name,
  mimeType: 'text/plain',
  buffer: Buffer.from(content),
})
const photo = (name: string, side = 240) => ({ name, mimeType: 'image/png', buffer: picture(side, 160) })

/** Looks for words in everything; a message is found a moment after it was sent: until then one asks again. */
async function findsOnce({ page }: Window, words: string, hit: Locator): Promise<void> {
  const box = page.getByRole('textbox', { name: '이름, 메시지 검색' })
  const look = async () => {
    await box.fill('')
    await box.fill(words)
    await hit.or(page.getByText('맞는 메시지가 없습니다.')).first().waitFor()
    return hit.count()
  }
  await expect.poll(look, soon).toBe(1)
}

describe('files', { timeout: 60_000 }, () => {
  test('are picked, shown while they are on their way, sent, seen as a picture when it can be had, and saved', async () => {
    const [minjun, hanbit] = await Promise.all([
      open('김민준'),
      open('한빛 식당', { language: 'en', theme: 'dark' }),
    ])
    await minjun.openRoom('한빛 식당')
    await hanbit.openRoom('김민준')
    let isCut = true
    await hanbit.page.route('**/v1/attachments/*/content', (route) =>
      isCut ? route.abort() : route.continue(),
    )
    await minjun.page
      .locator('input[type=file]')
      .setInputFiles([photo('주방 사진.png'), text('이력서.txt', '김민준의 이력서')])
    const tray = minjun.page.getByRole('list', { name: '보낼 파일' })
    await expect.poll(() => tray.locator('[data-upload=ready]').count(), soon).toBe(2)
    await minjun.keepScreenshot('files-tray-light-ko')
    expect(await violations(minjun)).toEqual([])
    await minjun.say('서류를 보내 드립니다')

    await hanbit.message('서류를 보내 드립니다').waitFor()
    // A picture that does not come leaves its place as it is, and is fetched when somebody asks.
    const again = hanbit.page.getByRole('button', { name: 'Load 주방 사진.png again' })
    const enlarge = hanbit.page.getByRole('button', { name: 'Enlarge 주방 사진.png' })
    const sizeOf = async (place: Locator) => {
      const { width, height } = (await place.boundingBox()) ?? { width: 0, height: 0 }
      return [Math.round(width), Math.round(height)]
    }
    await again.waitFor()
    expect(await sizeOf(again)).toEqual([240, 160])
    isCut = false
    await again.click()
    const shown = hanbit.page.getByRole('img', { name: '주방 사진.png' })
    await expect.poll(() => shown.evaluate((img: HTMLImageElement) => img.naturalWidth), soon).toBe(240)
    expect(await sizeOf(enlarge)).toEqual([240, 160])
    await hanbit.keepScreenshot('files-received-dark-en')
    await minjun.keepScreenshot('files-sent-light-ko')
    const saved = hanbit.page.waitForEvent('download')
    await hanbit.page.getByRole('button', { name: /이력서\.txt/ }).click()
    const download = await saved
    expect(download.suggestedFilename()).toBe('이력서.txt')
    expect(await readFile(await download.path(), 'utf8')).toBe('김민준의 이력서')
    // Large, by keyboard: saved from there, and closed to where one was.
    const labelInFocus = () => hanbit.page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
    await enlarge.press('Enter')
    const viewer = hanbit.page.getByRole('dialog', { name: '주방 사진.png' })
    await viewer.waitFor()
    expect(await violations(hanbit)).toEqual([])
    await hanbit.keepScreenshot('files-viewer-dark-en')
    const savedToo = hanbit.page.waitForEvent('download')
    await viewer.getByRole('button', { name: 'Save 주방 사진.png' }).press('Enter')
    expect((await savedToo).suggestedFilename()).toBe('주방 사진.png')
    await hanbit.page.keyboard.press('Escape')
    await viewer.waitFor({ state: 'detached' })
    await expect.poll(labelInFocus, soon).toBe('Enlarge 주방 사진.png')
    // What the browser says of the requests that were cut is no fault of the page.
    hanbit.problems.splice(0)
  })

  test('go on by themselves after an interruption, and what is written waits for them, also when one looks elsewhere', async () => {
    const [lan, logistics] = await Promise.all([open('응우옌 티 란'), open('서울 물류센터')])
    await lan.openRoom('서울 물류센터')
    let cut = true
    await lan.page.route('**/v1/attachments/*?offset=*', (route) =>
      cut && route.request().url().endsWith('offset=262144')
        ? route.abort('connectionreset')
        : route.continue(),
    )
    await lan.page
      .locator('input[type=file]')
      .setInputFiles([text('긴 문서.txt', '가나다라 마바사. '.repeat(40_000))])
    const file = lan.page.locator('[data-upload]')
    await expect.poll(() => file.getAttribute('data-upload'), soon).toBe('waiting')
    await lan.page.getByRole('textbox', { name: '메시지 쓰기' }).fill('교육 자료입니다')
    await lan.page.keyboard.press('Enter')
    await lan.page.getByRole('button', { name: '올리는 중', exact: true }).waitFor()
    await lan.keepScreenshot('files-waiting-light-ko')
    await lan.openRoom('한빛 식당')
    await lan.openRoom('서울 물류센터')
    await lan.page.getByRole('button', { name: '올리는 중', exact: true }).waitFor()
    await lan.openRoom('한빛 식당')
    cut = false
    await expect
      .poll(() => lan.row('서울 물류센터').textContent(), soon)
      .toMatch(/(보냄|전달됨) 교육 자료입니다/)
    await lan.openRoom('서울 물류센터')
    const composer = lan.page.getByRole('textbox', { name: '메시지 쓰기' })
    await expect.poll(() => composer.inputValue(), soon).toBe('')
    await lan
      .message('교육 자료입니다')
      .getByRole('button', { name: /긴 문서\.txt/ })
      .waitFor()
    await expect.poll(() => logistics.badgeOf('응우옌 티 란'), soon).toBeGreaterThan(0)
    // What the browser says of the request that was cut is no fault of the page.
    lan.problems.splice(0)
  })

  test('of a kind that is not taken are refused in words, and can be taken away', async () => {
    const bat = await open('바트바야르', { width: 360, height: 740 })
    await bat.openRoom('한빛 식당')
    await bat.say('파일 보냅니다')
    await bat.page
      .locator('input[type=file]')
      .setInputFiles([{ name: 'setup.exe', mimeType: 'x', buffer: Buffer.from([0, 1, 2, 3, 0]) }])
    await bat.page.getByText('받지 않는 종류의 파일입니다.').waitFor()
    await expect.poll(() => bat.page.getByRole('button', { name: '보내기' }).isDisabled(), soon).toBe(true)
    await bat.keepScreenshot('files-refused-phone-ko')
    // An earlier message can be changed all the same.
    await bat.page.getByRole('textbox', { name: '메시지 쓰기' }).press('ArrowUp')
    await expect.poll(() => bat.page.getByRole('button', { name: '저장' }).isEnabled(), soon).toBe(true)
    await bat.page.keyboard.press('Escape')
    await bat.page.getByRole('button', { name: 'setup.exe 빼기' }).click()
    await bat.page.getByText('setup.exe').waitFor({ state: 'detached' })
    bat.problems.splice(0)
  })

  test('are dropped, and pasted', async () => {
    const cafe = await open('카페 온도', { width: 1440, height: 900 })
    await cafe.openRoom('이서연')
    const give = (kind: 'drop' | 'paste') =>
      cafe.page.evaluate((how) => {
        const data = new DataTransfer()
        data.items.add(new File(['메뉴'], `${how}.txt`, { type: 'text/plain' }))
        const place = document.querySelector('textarea')
        const event =
          how === 'drop'
            ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
            : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
        if (how === 'drop') {
          const hover = { dataTransfer: data, bubbles: true, cancelable: true }
          place?.dispatchEvent(new DragEvent('dragenter', hover))
        }
        return new Promise<void>((done) =>
          requestAnimationFrame(() => {
            place?.dispatchEvent(event)
            done()
          }),
        )
      }, kind)
    await give('drop')
    await give('paste')
    await expect.poll(() => cafe.page.locator('[data-upload=ready]').count(), soon).toBe(2)
    await cafe.page.keyboard.press('Enter')
    await cafe.page.getByRole('button', { name: /drop\.txt/ }).waitFor()
    await cafe.keepScreenshot('files-wide-light-ko')
  })
})

/** Runs in the page: resolves when it was drawn ten times. */
async function tenFrames(): Promise<void> {
  for (let n = 0; n < 10; n++) await new Promise((drawn) => requestAnimationFrame(drawn))
}

describe('search', { timeout: 60_000 }, () => {
  test('finds a word of two syllables in any room, and opens the room there: what is new below stays unread', async () => {
    const [seoyeon, cafe] = await Promise.all([
      demoPerson(windows.url, '이서연'),
      demoPerson(windows.url, '카페 온도'),
    ])
    const roomId = await cafe.roomWith('이서연')
    await cafe.send(roomId, '첫날에는 앞치마를 드립니다')
    for (let n = 1; n <= 70; n++) await seoyeon.send(roomId, `확인 ${n}`)
    await seoyeon.readAll()
    for (let n = 1; n <= 5; n++) await cafe.send(roomId, `새 소식 ${n}`)
    const window = await open('이서연')
    await expect.poll(() => window.badgeOf('카페 온도'), soon).toBe(5)
    // The way there takes its time: nobody has read what the screen could show meanwhile.
    await window.page.route(/\/messages\?.*before=/, async (route) => {
      await window.page.evaluate(tenFrames)
      await route.continue()
    })
    const mark = window.page.locator('mark', { hasText: '앞치' })
    await findsOnce(window, '앞치', mark)
    await window.keepScreenshot('search-light-ko')
    await mark.click()
    await window.message('첫날에는 앞치마를').waitFor()
    expect(new URL(window.page.url()).pathname).toMatch(/^\/r\/[^/]+\/\d+$/)
    await expect.poll(() => window.message('첫날에는 앞치마를').isVisible(), soon).toBe(true)
    await window.page.unrouteAll({ behavior: 'wait' })
    await window.page.getByRole('button', { name: '새 메시지 5개', exact: true }).waitFor()
    await window.keepScreenshot('search-opened-light-ko')

    // Whoever presses it once more, having looked elsewhere, is taken there again.
    const found = window.message('첫날에는 앞치마를')
    const isOnScreen = () =>
      found.evaluateAll((places) =>
        places.some((place) => {
          const { top } = place.getBoundingClientRect()
          return top > 0 && top < 800
        }),
      )
    await expect.poll(isOnScreen, soon).toBe(true)
    await found.hover()
    await window.page.mouse.wheel(0, 1_000)
    await expect.poll(isOnScreen, soon).toBe(false)
    await mark.click()
    await expect.poll(isOnScreen, soon).toBe(true)
    await window.page.goto('/')
    await expect.poll(() => window.badgeOf('카페 온도'), soon).toBe(5)
  })

  test('names the chat of what it finds, also where the list has not come to it yet', async () => {
    const seeker = await demoPerson(windows.url, '박하나', { userId: 'many-rooms', userType: 'job_seeker' })
    const planner = await demoPerson(windows.url, '행사 기획사', { userId: 'planner', userType: 'company' })
    const old = await planner.makeGroup('지난 여름 행사', [seeker.id])
    await planner.send(old, '얼음컵을 나눠 드립니다')
    for (let n = 0; n < CLIENT_LIMITS.pageMax; n++) await planner.makeGroup(`행사 ${n}`, [seeker.id])
    const window = await windows.openAt('/')
    await window.page.evaluate((token) => sessionStorage.setItem('tally.token', token), seeker.token)
    await window.page.goto('/')
    await window.rows.first().waitFor()
    const hit = window.page
      .getByRole('link')
      .filter({ has: window.page.locator('mark', { hasText: '얼음컵' }) })
    await findsOnce(window, '얼음컵', hit)
    await hit.getByText('지난 여름 행사', { exact: true }).waitFor()
  })

  test('in one room goes from hit to hit, by keyboard alone', async () => {
    const window = await open('이서연', { theme: 'dark', language: 'en' })
    await window.openRoom('카페 온도')
    await window.page.getByRole('button', { name: 'Search in this chat' }).focus()
    await window.page.keyboard.press('Enter')
    await window.page.keyboard.type('확인 12')
    await window.page.getByRole('list', { name: 'Messages found' }).locator('mark').first().waitFor()
    await window.page
      .getByRole('status')
      .filter({ hasText: /^\d+ messages? found$/ })
      .waitFor({ state: 'attached' })
    await window.keepScreenshot('search-in-room-dark-en')
    await window.page.keyboard.press('Tab')
    await window.page.keyboard.press('Tab')
    await window.page.keyboard.press('Enter')
    await expect.poll(() => window.message('확인 12').last().isVisible(), soon).toBe(true)
    await window.page.getByRole('button', { name: 'Close search' }).click()
    await window.page.getByRole('textbox', { name: 'Search in this chat' }).waitFor({ state: 'detached' })
  })
})

describe('what one can do about others, and oneself', { timeout: 60_000 }, () => {
  test('a message is reported and its sender blocked, and unblocked in the settings', async () => {
    const [farm, minjun] = await Promise.all([windows.openAt('/'), demoPerson(windows.url, '김민준')])
    const roomId = await minjun.roomWith('푸른 농장')
    await minjun.send(roomId, '싸게 팝니다 지금 누르세요')
    // Whom one has blocked cannot be had at first: what needs it comes with the next connection, the rest is there.
    let isCut = true
    await farm.page.route('**/v1/blocks*', (route) =>
      isCut && route.request().method() === 'GET' ? route.abort() : route.continue(),
    )
    await farm.continueAs('푸른 농장')
    await farm.openRoom('김민준')
    const roomMenu = farm.page.getByRole('button', { name: '이 대화의 메뉴' })
    const entry = (name: string) => farm.page.getByRole('menuitem', { name })
    await roomMenu.click()
    await entry('신고하기').waitFor()
    expect(await entry('차단하기').count()).toBe(0)
    await farm.page.keyboard.press('Escape')
    isCut = false
    await farm.page.context().setOffline(true)
    await farm.page.locator('[data-connection=offline]').first().waitFor({ state: 'attached' })
    await farm.page.context().setOffline(false)
    await farm.page.locator('[data-connection=live]').first().waitFor({ state: 'attached' })
    await roomMenu.click()
    await entry('차단하기').waitFor()
    await farm.page.keyboard.press('Escape')
    await farm.choose('싸게 팝니다', '신고하기')
    await farm.page.getByText('사기나 허위 공고').click()
    await farm.page.getByLabel('덧붙일 말 (선택)').fill('계속 보냅니다')
    await farm.page.getByText('김민준 님 차단하기').click()
    await farm.keepScreenshot('report-light-ko')
    expect(await violations(farm)).toEqual([])
    await farm.page.getByRole('button', { name: '신고하기' }).click()
    await farm.page.getByText('신고했습니다. 살펴보겠습니다.').waitFor()
    await roomMenu.click()
    await entry('차단 풀기').waitFor()
    await farm.page.keyboard.press('Escape')
    await farm.page.getByRole('button', { name: '설정' }).click()
    await farm.page.getByRole('button', { name: '차단 풀기' }).click()
    await farm.page.getByText('차단한 사람이 없습니다.').waitFor()
    await farm.page.keyboard.press('Escape')
    // The room beside it knows.
    await roomMenu.click()
    await entry('차단하기').waitFor()
    // What the browser says of the requests that were cut is no fault of the page.
    farm.problems.splice(0)
  })

  test('a language whose words are gone from the server is asked for until they come, and one is told', async () => {
    const window = await open('카페 온도', { language: 'en' })
    const { page } = window
    const language = () => page.locator('html').getAttribute('lang')
    // Nothing of the page is kept in this browser.
    let isGone = true
    await page.route('**/assets/ko-*.js', (route) =>
      isGone ? route.fulfill({ status: 404, body: '' }) : route.continue(),
    )
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByText('한국어').click()
    await page.getByText('Part of the page could not be loaded.').waitFor()
    expect(await language()).toBe('en')
    isGone = false
    await page.getByRole('heading', { name: '설정' }).waitFor()
    expect(await language()).toBe('ko')
    await page.getByText('화면의 일부를 불러오지 못했습니다.').waitFor({ state: 'detached' })
    window.problems.splice(0)
  })

  test('sounds, quiet hours and the way of the connection are chosen, and hold the next time', async () => {
    const cafe = await open('카페 온도', { language: 'en', theme: 'dark', height: 1_100 })
    const settings = async () => {
      await cafe.page.getByRole('button', { name: 'Settings' }).click()
      await cafe.page.getByRole('heading', { name: 'Settings' }).waitFor()
    }
    // A part that cannot be had leaves the others where they are.
    await cafe.page.route(/\/v1\/blocks/, (route) => route.abort())
    await settings()
    const missing = cafe.page.getByRole('alert').filter({ hasText: 'That needs a connection.' })
    await missing.waitFor()
    await cafe.page.getByText('Where you are signed in').waitFor()
    await cafe.page.unroute(/\/v1\/blocks/)
    await missing.getByRole('button', { name: 'Try again' }).click()
    await cafe.page.getByText('You have blocked nobody.').waitFor()
    cafe.problems.splice(0)
    await cafe.page.getByText('Keep quiet at set hours').click()
    await cafe.page.getByLabel('From').fill('21:30')
    await cafe.page.getByText('Polling', { exact: true }).click()
    await cafe.keepScreenshot('settings-all-dark-en')
    await cafe.page.keyboard.press('Escape')
    await expect
      .poll(() => cafe.page.locator('[data-connection]').first().getAttribute('data-connection'), soon)
      .toBe('polling')
    await cafe.page.reload()
    await cafe.rows.first().waitFor()
    await settings()
    expect(await cafe.page.getByLabel('From').inputValue()).toBe('21:30')
    expect(await cafe.page.getByRole('radio', { name: 'Polling' }).isChecked()).toBe(true)
    // What is sent goes that way as well. One that may not go, and later may, is sent again by hand.
    await cafe.page.keyboard.press('Escape')
    await cafe.openRoom('이서연')
    const sending = '**/v1/rooms/*/messages'
    await cafe.page.route(sending, (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({
            status: 403,
            contentType: 'application/json',
            body: JSON.stringify({ error: { code: 'forbidden', message: 'x', retry: 'never' } }),
          })
        : route.continue(),
    )
    await cafe.say('to be sent again')
    const refused = cafe.message('to be sent again')
    await refused.getByText('You may not do this.').waitFor()
    await cafe.page.unroute(sending)
    await refused.getByRole('button', { name: 'Send again' }).click()
    await expect.poll(() => refused.textContent(), soon).toMatch(/Sent|Delivered|Read/)
    cafe.problems.splice(0)
  })

  test('one’s data are saved, the account is deleted, and others see a former user', async () => {
    const [bat, hanbit] = await Promise.all([open('바트바야르'), open('한빛 식당', { language: 'en' })])
    await hanbit.openRoom('바트바야르')
    await bat.page.getByRole('button', { name: '설정' }).click()
    const saved = bat.page.waitForEvent('download')
    await bat.page.getByRole('button', { name: '내 데이터 받기' }).click()
    const data = JSON.parse(await readFile(await (await saved).path(), 'utf8'))
    expect(data.user.name).toBe('바트바야르')
    expect(data.messages.length).toBeGreaterThan(0)
    await bat.page.getByRole('button', { name: '계정 삭제' }).click()
    const forever = bat.page.getByRole('button', { name: '영구히 삭제' })
    expect(await forever.isDisabled()).toBe(true)
    await bat.page.getByLabel(/이름\(바트바야르\)/).fill('바트바야르')
    await bat.keepScreenshot('delete-account-light-ko')
    await forever.click()
    await bat.page.getByRole('heading', { name: '누구로 시작할까요?' }).waitFor()
    // At once, in the room that is open and in its row of the list, and as well for whoever comes later.
    await hanbit.page.getByRole('heading', { level: 2, name: 'Former user' }).waitFor()
    await hanbit.page.getByText('No more messages can be sent here.').waitFor()
    await hanbit.row('Former user').first().waitFor()
    await hanbit.page.reload()
    await hanbit.row('Former user').first().click()
    await hanbit.page.getByText('No more messages can be sent here.').waitFor()
    await hanbit.page.getByRole('list', { name: 'Messages' }).getByRole('listitem').first().waitFor()
    await hanbit.keepScreenshot('former-user-light-en')
    expect(await violations(hanbit)).toEqual([])
  })
})
