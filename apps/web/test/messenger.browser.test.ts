import type { Locator } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { demoPerson } from '../test-support/demo-person.ts'
import type { Window } from '../test-support/open-window.ts'
import { startServer } from '../test-support/start-server.ts'
import { testWindows } from '../test-support/test-windows.ts'

const soon = { timeout: 15_000 }

/** Fewer than a page expects: an operator may say so, and the page learns it when a message is refused. */
const MAX_MESSAGE_CHARS = 1_000

const windows = testWindows(() => startServer({ maxMessageChars: MAX_MESSAGE_CHARS }))
const { open } = windows

const title = (window: Window) => window.page.title()

describe('two windows', { timeout: 60_000 }, () => {
  test('the badge appears, the tab counts it, reading clears it, and the sender sees that it was read', async () => {
    const [minjun, farm] = await Promise.all([open('김민준'), open('푸른 농장')])
    const before = await minjun.total()
    await minjun.keepScreenshot('messenger-list-light-ko')
    await farm.openRoom('김민준')
    await farm.say('토요일에 뵙겠습니다')
    await farm.say('장갑을 챙겨 오세요')

    await expect.poll(() => minjun.badgeOf('푸른 농장'), soon).toBe(2)
    await expect.poll(() => minjun.total(), soon).toBe(before + 2)
    await expect.poll(() => title(minjun), soon).toBe(`(${before + 2}) Tally`)
    await minjun.keepScreenshot('messenger-badge-light-ko')

    await minjun.openRoom('푸른 농장')
    await minjun.message('장갑을 챙겨 오세요').waitFor()
    await expect.poll(() => minjun.badgeOf('푸른 농장'), soon).toBe(0)
    await expect.poll(() => title(minjun), soon).toBe(before === 0 ? 'Tally' : `(${before}) Tally`)
    await expect.poll(() => farm.message('장갑을 챙겨 오세요').textContent(), soon).toContain('읽음')
    await minjun.keepScreenshot('messenger-room-light-ko')
    await farm.keepScreenshot('messenger-read-light-ko')

    const hanbit = await demoPerson(windows.url, '한빛 식당')
    await hanbit.send(await hanbit.roomWith('김민준'), '토요일에는 쉽니다')
    // The last badge was measured, and on a closer look one learns which way it came.
    const connection = minjun.page.getByTitle(/^지금은 WebSocket, 마지막 배지는 .* [\d,]+ ms 뒤$/).last()
    await expect.poll(() => connection.textContent(), soon).toMatch(/^실시간 · [\d,]+ ms$/)
  })

  test.each([
    { language: 'ko', words: ['연결되면 보냅니다', '보냄', '전달됨', '읽음'] },
    { language: 'en', words: ['Goes out once connected', 'Sent', 'Delivered', 'Read'] },
  ] as const)(
    'messages show that they wait, go out in order, are sent, delivered and read ($language)',
    async ({ language, words: [waiting, sent, delivered, read] }) => {
      const farm = await open('푸른 농장', { language })
      await farm.openRoom('김민준')
      const texts = ['여섯', '일곱', '여덟'].map((hour) => `토요일 ${hour} 시, ${language}`)
      const [, , text = ''] = texts
      const meta = farm.message(text).last().locator('[data-send-state]')
      const row = farm.row('김민준')
      const said = ({ page }: Window) =>
        page
          .locator('main ol p')
          .allTextContents()
          .then((lines) => lines.filter((line) => texts.includes(line)))
      await farm.page.context().setOffline(true)
      for (const one of texts) await farm.say(one)
      await expect.poll(() => said(farm), soon).toEqual(texts)
      await expect.poll(() => meta.textContent(), soon).toContain(waiting)
      await expect.poll(() => meta.getAttribute('data-send-state'), soon).toBe('sending')
      await farm.keepScreenshot(`send-state-waiting-light-${language}`)
      await farm.page.context().setOffline(false)
      await expect.poll(() => meta.getAttribute('data-send-state'), soon).toBe('sent')
      expect(await meta.textContent()).toContain(sent)
      await farm.keepScreenshot(`send-state-sent-light-${language}`)

      // The list alone: nobody has read anything.
      const minjun = await open('김민준', { language })
      await expect.poll(() => minjun.badgeOf('푸른 농장'), soon).toBeGreaterThan(0)
      await expect.poll(() => meta.getAttribute('data-send-state'), soon).toBe('delivered')
      expect(await meta.textContent()).toContain(delivered)
      // In the row of the list the sign has words for those who cannot see it.
      await expect.poll(() => row.textContent(), soon).toContain(`${delivered} ${text}`)
      await farm.keepScreenshot(`send-state-delivered-light-${language}`)

      await minjun.openRoom('푸른 농장')
      // They went out as they were written.
      await expect.poll(() => said(minjun), soon).toEqual(texts)
      await expect.poll(() => meta.getAttribute('data-send-state'), soon).toBe('read')
      expect(await meta.textContent()).toContain(read)
      await expect.poll(() => row.textContent(), soon).toContain(`${read} ${text}`)
      await farm.keepScreenshot(`send-state-read-light-${language}`)
    },
  )

  test('while both are in the room, no badge comes up, and typing shows', async () => {
    const [seoyeon, cafe] = await Promise.all([open('이서연'), open('카페 온도')])
    await Promise.all([seoyeon.openRoom('카페 온도'), cafe.openRoom('이서연')])
    await seoyeon.page.getByRole('textbox', { name: '메시지 쓰기' }).pressSequentially('내일')
    await cafe.page.getByText('이서연 입력 중…').waitFor()
    await seoyeon.say('내일 아홉 시에 갈게요')
    await cafe.message('내일 아홉 시에 갈게요').waitFor()
    expect(await cafe.badgeOf('이서연')).toBe(0)
    await cafe.page.getByText('이서연 입력 중…').waitFor({ state: 'detached' })
  })

  test('an answer shows what it answers, and a reaction counts in both', async () => {
    const [minjun, logistics] = await Promise.all([open('김민준'), open('서울 물류센터')])
    await logistics.openRoom('김민준')
    await logistics.say('셔틀은 여섯 시 출발입니다')
    await minjun.openRoom('서울 물류센터')
    await (await minjun.toolOf('셔틀은 여섯 시 출발입니다', '공감 남기기')).click()
    await minjun.page.getByRole('button', { name: '👍' }).click()
    await logistics.message('셔틀은').getByRole('button', { name: '👍 1' }).waitFor()
    await logistics.message('셔틀은').getByRole('button', { name: '👍 1' }).click()
    await minjun.message('셔틀은').getByRole('button', { name: '👍 2', pressed: true }).waitFor()

    await (await minjun.toolOf('셔틀은 여섯 시 출발입니다', '답장')).click()
    await minjun.say('늦지 않게 가겠습니다')
    const answer = logistics.message('늦지 않게 가겠습니다')
    await answer.getByRole('button', { name: '셔틀은 여섯 시 출발입니다' }).waitFor()
    await logistics.keepScreenshot('messenger-answer-light-ko')
  })

  test('marked unread from a message on, it stays unread, also after coming back', async () => {
    const [bat, hanbit] = await Promise.all([open('바트바야르'), open('한빛 식당')])
    await hanbit.openRoom('바트바야르')
    for (const text of ['하나', '둘', '셋']) await hanbit.say(text)
    await bat.openRoom('한빛 식당')
    await bat.message('셋').waitFor()
    await expect.poll(() => bat.badgeOf('한빛 식당'), soon).toBe(0)

    await bat.choose('둘', '여기부터 안 읽음으로')
    await expect.poll(() => bat.badgeOf('한빛 식당'), soon).toBe(2)
    await bat.page.reload()
    await bat.row('한빛 식당').waitFor()
    await expect.poll(() => bat.badgeOf('한빛 식당'), soon).toBe(2)
    await bat.openRoom('한빛 식당')
    await bat.page.getByText('새 메시지 2', { exact: true }).waitFor()
  })

  test('a muted room keeps its number as an outline and leaves the total', async () => {
    const [lan, logistics] = await Promise.all([open('응우옌 티 란'), open('서울 물류센터')])
    const before = await lan.total()
    const others = before - (await lan.badgeOf('서울 물류센터'))
    await lan.openRoom('서울 물류센터')
    await expect.poll(() => lan.total(), soon).toBe(others)
    await roomMenu(lan, '알림 끄기')
    await lan.page.goto('/')
    await logistics.openRoom('응우옌 티 란')
    await logistics.say('교육 자료를 보냈습니다')

    await expect.poll(() => lan.badgeOf('서울 물류센터'), soon).toBe(1)
    expect(await lan.total()).toBe(others)
    await lan.keepScreenshot('messenger-muted-light-ko')
    await lan.openRoom('서울 물류센터')
    await roomMenu(lan, '알림 켜기')
    await lan.choose('교육 자료를 보냈습니다', '여기부터 안 읽음으로')
    await expect.poll(() => lan.total(), soon).toBe(others + 1)
  })

  test('an edit reaches the other window, and deleting an unread message takes its badge away', async () => {
    const [lan, hanbit] = await Promise.all([
      open('응우옌 티 란', { language: 'en', theme: 'dark' }),
      open('한빛 식당'),
    ])
    const before = await lan.total()
    await hanbit.openRoom('응우옌 티 란')
    await hanbit.say('3시에 봬요')
    await hanbit.choose('3시에 봬요', '수정')
    await hanbit.say('4시에 봬요')
    await expect.poll(() => lan.row('한빛 식당').textContent(), soon).toContain('4시에 봬요')
    expect(await lan.total()).toBe(before + 1)

    await hanbit.choose('4시에 봬요', '삭제')
    await hanbit.page.getByRole('alertdialog').getByRole('button', { name: '삭제' }).click()
    await hanbit.message('삭제된 메시지입니다').waitFor()
    await expect.poll(() => lan.total(), soon).toBe(before)
    await lan.openRoom('한빛 식당')
    await lan.message('This message was deleted').waitFor()
    await lan.keepScreenshot('messenger-room-dark-en')
  })
})

async function roomMenu(window: Window, entry: string): Promise<void> {
  await window.page.getByRole('button', { name: '이 대화의 메뉴' }).click()
  await window.page.getByRole('menuitem', { name: entry }).click()
}

describe('a room', { timeout: 60_000 }, () => {
  test('opens at the first unread message, and reads only what was on the screen', async () => {
    const [minjun, cafe] = await Promise.all([
      demoPerson(windows.url, '김민준'),
      demoPerson(windows.url, '카페 온도'),
    ])
    const roomId = await cafe.roomWith('김민준')
    const list = await open('김민준')
    const first = await list.badgeOf('카페 온도')
    for (let n = 1; n <= 40; n++) await cafe.send(roomId, `안내 ${n}`)
    await expect.poll(() => list.badgeOf('카페 온도'), soon).toBe(first + 40)

    const reader = await open('김민준')
    await reader.openRoom('카페 온도')
    await reader.page.getByText(`새 메시지 ${first + 40}`, { exact: true }).waitFor()
    expect(await reader.message('안내 40').count()).toBe(0)
    await reader.keepScreenshot('messenger-first-unread-light-ko')
    // The room is open there, so nothing of it counts here; closed again, what was not on the screen counts.
    await expect.poll(() => list.badgeOf('카페 온도'), soon).toBe(0)
    await reader.page.goto('/')
    await expect.poll(() => list.badgeOf('카페 온도'), soon).toBeGreaterThan(20)
    expect(await list.badgeOf('카페 온도')).toBeLessThan(first + 40)

    await reader.openRoom('카페 온도')
    await reader.page.getByRole('button', { name: /새 메시지 \d+개/ }).click()
    await reader.message('안내 40').waitFor()
    await reader.page.goto('/')
    await expect.poll(() => list.badgeOf('카페 온도'), soon).toBe(0)
    await minjun.send(roomId, '잘 받았습니다')
    await expect.poll(() => list.row('카페 온도').textContent(), soon).toContain('잘 받았습니다')
  })

  test('keeps what is on the screen in its place while older messages come', async () => {
    const [seoyeon, cafe] = await Promise.all([
      demoPerson(windows.url, '이서연'),
      demoPerson(windows.url, '카페 온도'),
    ])
    const roomId = await cafe.roomWith('이서연')
    for (let n = 1; n <= 55; n++) {
      await seoyeon.send(roomId, `질문 ${n}`)
      await cafe.send(roomId, `대답 ${n}\n${'그리고 조금 더 긴 설명. '.repeat(n % 4)}`)
    }
    const window = await open('이서연')
    await window.openRoom('카페 온도')
    await window.page.getByRole('button', { name: /새 메시지 \d+개/ }).click()
    await window.message('대답 55').waitFor()
    await window.page.goto('/')
    await window.row('카페 온도').waitFor()
    await expect.poll(() => window.badgeOf('카페 온도'), soon).toBe(0)
    // Read to the end, the room opens there the next time, with the newest page only.
    await window.openRoom('카페 온도')
    await window.message('대답 55').waitFor()
    const moves = await window.page.evaluate(scrollToTheBeginning)
    expect(moves.loaded).toBeGreaterThan(moves.atFirst)
    expect(moves.largestPx).toBeLessThanOrEqual(1)

    // A page that cannot be had is asked for again after a pause, and not with every frame.
    await window.page.goto('/')
    await window.openRoom('카페 온도')
    await window.message('대답 55').waitFor()
    // Who is at the end stays there, however high and wide the window is made.
    for (const [width, height] of [
      [1_440, 320],
      [1_000, 360],
      [800, 300],
      [1_280, 800],
    ] as const) {
      await window.page.setViewportSize({ width, height })
      await expect.poll(() => window.page.evaluate(pixelsBelow), soon).toBeLessThanOrEqual(1)
    }
    const askedAtMs: number[] = []
    await window.page.route(/\/messages\?.*before=/, (route) => {
      askedAtMs.push(performance.now())
      return askedAtMs.length < 3 ? route.abort() : route.continue()
    })
    const atFirst = await window.page.evaluate(scrollUp)
    await expect.poll(() => askedAtMs.length, soon).toBeGreaterThanOrEqual(3)
    const [first = 0, second = 0, third = 0] = askedAtMs
    expect(Math.min(second - first, third - second)).toBeGreaterThan(2_000)
    await expect.poll(() => window.page.evaluate(historyHeight), soon).toBeGreaterThan(atFirst)
    window.problems.splice(0)
  })

  test('shows text only: nothing that is typed becomes markup', async () => {
    const [minjun, logistics] = await Promise.all([open('김민준'), open('서울 물류센터')])
    const text = `<img src=x onerror="document.title='gone'"><b>굵게</b> [a](javascript:alert(1)) {{name}} $t(room.send)`
    await logistics.openRoom('김민준')
    await logistics.say(text)
    await minjun.openRoom('서울 물류센터')
    await minjun.message('<b>굵게</b>').waitFor()
    expect(await minjun.message('<b>굵게</b>').locator('p').first().textContent()).toBe(text)
    expect(await minjun.page.locator('main img, main b').count()).toBe(0)
  })

  test('says of each message that was refused why, and gives it back to be written anew', async () => {
    const hanbit = await open('한빛 식당')
    const { page } = hanbit
    await hanbit.openRoom('김민준')
    for (const word of ['첫째', '둘째']) await hanbit.say(`${word} ${'가'.repeat(MAX_MESSAGE_CHARS)}`)
    const [first, second] = [hanbit.message('첫째'), hanbit.message('둘째')]
    for (const message of [first, second]) {
      await message.getByText('메시지가 너무 깁니다.').waitFor()
      // As it is it would be refused again.
      expect(await message.getByRole('button', { name: '다시 보내기' }).count()).toBe(0)
    }
    const spoken = page.locator('section [aria-live] p', { hasText: '보내지 못함: 메시지가 너무 깁니다.' })
    await expect.poll(() => spoken.count(), soon).toBe(2)
    await hanbit.keepScreenshot('refused-light-ko')
    await first.getByRole('button', { name: '수정' }).click()
    await first.waitFor({ state: 'detached' })
    const composer = page.getByRole('textbox', { name: '메시지 쓰기' })
    expect(await composer.inputValue()).toMatch(/^첫째 가/)
    await hanbit.say('첫째 가나다')
    await expect.poll(() => hanbit.message('첫째 가나다').textContent(), soon).toMatch(/보냄|전달됨|읽음/)
    await second.getByRole('button', { name: '지우기' }).click()
    await second.waitFor({ state: 'detached' })
  })

  test('keeps a change that could not be saved, also while one looks elsewhere', async () => {
    const hanbit = await open('한빛 식당')
    const { page } = hanbit
    const composer = page.getByRole('textbox', { name: '메시지 쓰기' })
    await hanbit.openRoom('김민준')
    await hanbit.say('몇 시에 오세요?')
    await expect.poll(() => hanbit.message('몇 시에 오세요?').textContent(), soon).toMatch(/보냄|전달됨|읽음/)
    await page.context().setOffline(true)
    await composer.press('ArrowUp')
    await composer.fill('몇 시쯤 오세요?')
    await composer.press('Enter')
    await page.getByText('연결이 없어 하지 못했습니다.').waitFor()
    await expect.poll(() => composer.inputValue(), soon).toBe('몇 시쯤 오세요?')
    await hanbit.openRoom('바트바야르')
    expect(await composer.inputValue()).toBe('')
    await hanbit.openRoom('김민준')
    expect(await composer.inputValue()).toBe('몇 시쯤 오세요?')
    await page.context().setOffline(false)
    await page.getByRole('button', { name: '저장' }).click()
    await hanbit.message('몇 시쯤 오세요?').waitFor()
    await expect.poll(() => composer.inputValue(), soon).toBe('')
    // It says that it was changed, also where another one stands below it.
    await hanbit.say('우산도 챙겨 오세요')
    await hanbit.message('우산도 챙겨 오세요').waitFor()
    await hanbit.message('몇 시쯤 오세요?').getByText('수정됨').waitFor()
    hanbit.problems.splice(0)
  })

  test('keeps what one has begun to write, for each room apart', async () => {
    const bat = await open('바트바야르')
    await bat.openRoom('한빛 식당')
    await bat.page.getByRole('textbox', { name: '메시지 쓰기' }).fill('쓰다 만 글')
    await bat.page.goto('/')
    await expect.poll(() => bat.row('한빛 식당').textContent(), soon).toContain('쓰다 만 글')
    await bat.openRoom('한빛 식당')
    expect(await bat.page.getByRole('textbox', { name: '메시지 쓰기' }).inputValue()).toBe('쓰다 만 글')
    // Another tab knows it as well, and what is written there is here; so it is with what one has chosen.
    const tab = await bat.page.context().newPage()
    await tab.goto(bat.page.url())
    const [here, there] = [bat.page, tab].map((page) => page.getByRole('textbox', { name: '메시지 쓰기' }))
    await expect.poll(() => there?.inputValue(), soon).toBe('쓰다 만 글')
    await there?.fill('다른 탭에서 이어 쓴 글')
    await expect.poll(() => here?.inputValue(), soon).toBe('다른 탭에서 이어 쓴 글')
    await tab.getByRole('button', { name: '설정' }).click()
    await bat.page.getByRole('button', { name: '설정' }).click()
    const sound = bat.page.getByRole('switch', { name: '메시지 소리' })
    expect(await sound.isChecked()).toBe(true)
    await tab.getByText('메시지 소리').click()
    await expect.poll(() => sound.isChecked(), soon).toBe(false)
    await tab.keyboard.press('Escape')
    await bat.page.keyboard.press('Escape')
    await there?.fill('')
    await expect.poll(() => here?.inputValue(), soon).toBe('')
  })
})

/** Scrolls up in steps, as a wheel does, and measures by how much any row on the screen moved besides. */
/** @returns how high the history is then. */
function scrollUp(): number {
  const scroller = document.querySelector('ol')?.parentElement?.parentElement
  scroller?.scrollTo({ top: 0 })
  scroller?.dispatchEvent(new Event('scroll'))
  return scroller?.scrollHeight ?? 0
}

function pixelsBelow(): number {
  const scroller = document.querySelector('ol')?.parentElement?.parentElement
  if (scroller == null) throw new Error('there is no history')
  return scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop
}

function historyHeight(): number {
  return document.querySelector('ol')?.parentElement?.parentElement?.scrollHeight ?? 0
}

async function scrollToTheBeginning(): Promise<{ atFirst: number; loaded: number; largestPx: number }> {
  const list = document.querySelector('ol')
  const scroller = list?.parentElement?.parentElement
  if (list == null || scroller == null) throw new Error('there is no history')
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
  const places = () => {
    const { top, bottom } = scroller.getBoundingClientRect()
    return new Map(
      [...list.querySelectorAll('li')].flatMap((row) => {
        const box = row.getBoundingClientRect()
        return box.bottom > top && box.top < bottom ? [[row.textContent, box.top] as const] : []
      }),
    )
  }
  const atFirst = scroller.scrollHeight
  let largestPx = 0
  let quietFrames = 0
  while (quietFrames < 30) {
    const before = places()
    const from = scroller.scrollTop
    scroller.scrollTop = from - 120
    // A wheel scrolls and says so in one; for a script the page would only hear of it with the next frame.
    scroller.dispatchEvent(new Event('scroll'))
    const scrolledPx = from - scroller.scrollTop
    await frame()
    await frame()
    const moves = [...places()].flatMap(([text, top]) => {
      const was = before.get(text)
      return was === undefined ? [] : [Math.abs(top - was - scrolledPx)]
    })
    // A step shows less than a screen of other rows: if nothing is left of what was there, all of it moved.
    largestPx = Math.max(largestPx, ...(moves.length === 0 ? [Number.POSITIVE_INFINITY] : moves))
    quietFrames = scrolledPx === 0 ? quietFrames + 1 : 0
  }
  return { atFirst, loaded: scroller.scrollHeight, largestPx }
}

describe('the page', { timeout: 60_000 }, () => {
  test('speaks the browser’s language, and another one when asked, also the next time', async () => {
    const seoyeon = await open('이서연', { language: 'en' })
    await seoyeon.page.getByRole('heading', { name: 'Chats' }).waitFor()
    await seoyeon.page.getByRole('button', { name: 'Settings' }).click()
    await seoyeon.page.getByText('한국어').click()
    await seoyeon.page.getByRole('heading', { name: '설정' }).waitFor()
    await seoyeon.page.reload()
    await seoyeon.page.getByRole('heading', { name: '대화', exact: true }).waitFor()
    expect(await seoyeon.page.locator('html').getAttribute('lang')).toBe('ko')
  })

  test('is dark where the system is, and as one likes it when asked, from the first paint on', async () => {
    const farm = await open('푸른 농장', { theme: 'dark' })
    const html = farm.page.locator('html')
    expect(await html.getAttribute('data-theme')).toBe('dark')
    await farm.page.getByRole('button', { name: '설정' }).click()
    await farm.page.getByRole('heading', { name: '설정' }).waitFor()
    await farm.keepScreenshot('settings-dark-ko')
    await farm.page.getByText('밝게').click()
    expect(await html.getAttribute('data-theme')).toBe('light')
    // Nothing is drawn before the body is there; the theme must be decided by then.
    await farm.page.addInitScript(() => {
      const atFirst = () => {
        if (document.body === null) return
        observer.disconnect()
        sessionStorage.setItem('theme-at-first', document.documentElement.dataset['theme'] ?? '')
      }
      const observer = new MutationObserver(atFirst)
      observer.observe(document, { childList: true, subtree: true })
    })
    await farm.page.reload()
    await farm.row('김민준').waitFor()
    expect(await farm.page.evaluate(() => sessionStorage.getItem('theme-at-first'))).toBe('light')
  })

  test('works by keyboard: arrows through the list, Enter opens, what is typed is sent', async () => {
    const lan = await open('응우옌 티 란')
    await lan.page.getByRole('textbox', { name: '이름, 메시지 검색' }).focus()
    // Nothing was searched for: nothing is opened.
    await lan.page.keyboard.press('Enter')
    expect(new URL(lan.page.url()).pathname).toBe('/')
    await lan.rows.first().focus()
    const rooms = await lan.page
      .locator('[data-room]')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-room')))
    await lan.page.keyboard.press('ArrowDown')
    await expect
      .poll(() => lan.page.evaluate(() => document.activeElement?.getAttribute('data-room')), soon)
      .toBe(rooms[1])
    await lan.page.keyboard.press('Enter')
    await expect.poll(() => new URL(lan.page.url()).pathname, soon).toBe(`/r/${rooms[1]}`)
    await lan.page.getByRole('textbox', { name: '메시지 쓰기' }).waitFor()
    await expect.poll(() => lan.page.evaluate(() => document.activeElement?.tagName), soon).toBe('TEXTAREA')
    await lan.page.keyboard.type('키보드로만')
    await lan.page.keyboard.press('Enter')
    await expect.poll(() => lan.message('키보드로만').textContent(), soon).toContain('보냄')
    await lan.page.keyboard.press('ArrowUp')
    await lan.page.keyboard.type(' 씁니다')
    await lan.page.keyboard.press('Enter')
    await lan.message('키보드로만 씁니다').waitFor()
  })

  test('works where nothing may be stored, and says so in both languages when it is broken', async () => {
    const window = await windows.openAt('/')
    const { page } = window
    await page.addInitScript(() => {
      for (const name of ['localStorage', 'sessionStorage']) {
        const get = () => {
          throw new DOMException('Access is denied for this document.', 'SecurityError')
        }
        Object.defineProperty(globalThis, name, { get })
      }
    })
    await page.reload()
    await window.continueAs('김민준')
    await window.openRoom('한빛 식당')
    await window.say('저장 없이 씁니다')
    await expect
      .poll(() => window.message('저장 없이 씁니다').textContent(), soon)
      .toMatch(/보냄|전달됨|읽음/)

    // As an old browser would have it, until the page is loaded once more.
    await page.addInitScript(() => {
      // The one thing of a tab that lasts without storage.
      const tab = globalThis as unknown as { name: string }
      if (tab.name !== '') return
      tab.name = 'broken once'
      Object.defineProperty(Intl, 'RelativeTimeFormat', { value: undefined })
    })
    await page.goto('/')
    await page.getByRole('heading', { name: '화면을 보여 드리지 못했습니다' }).waitFor()
    await page.getByText('The page could not be shown').waitFor()
    await window.keepScreenshot('broken-light')
    expect(window.problems.splice(0).join(' ')).toContain('RelativeTimeFormat')
    await page.getByRole('button', { name: '다시 불러오기' }).click()
    await page.getByRole('heading', { name: '누구로 시작할까요?' }).waitFor()
  })

  test('is a list and then a room on a phone', async () => {
    const cafe = await demoPerson(windows.url, '카페 온도')
    await cafe.send(await cafe.roomWith('이서연'), '앞치마를 챙겨 오세요')
    const phone = await open('이서연', { width: 360, height: 740, touch: true })
    const { page } = phone
    await phone.keepScreenshot('phone-list-light-ko')
    await phone.openRoom('카페 온도')
    await expect.poll(() => phone.row('카페 온도').isVisible(), soon).toBe(false)
    expect(await phone.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
    await phone.keepScreenshot('phone-room-light-ko')

    // A tap shows what can be done with a message, and it stays for the next tap.
    const tool = (message: Locator, name: string) => message.getByRole('button', { name, exact: true })
    const said = phone.message('앞치마를 챙겨 오세요').first()
    expect(await said.textContent()).toMatch(/^카페 온도: 앞치마를/)
    await said.getByText('앞치마를').tap()
    await tool(said, '공감 남기기').tap()
    await page.getByRole('button', { name: '👍', exact: true }).tap()
    await tool(said, '👍 1').waitFor()
    await tool(said, '답장').tap()
    await page.getByText('카페 온도 님에게 답장').waitFor()
    await page.getByRole('textbox', { name: '메시지 쓰기' }).fill('챙길게요')
    await page.getByRole('button', { name: '보내기', exact: true }).tap()
    const own = phone.message('챙길게요')
    await expect.poll(() => own.textContent(), soon).toMatch(/^나: .*(보냄|전달됨|읽음)/)
    await own.getByText('챙길게요').tap()
    await tool(own, '메시지 메뉴').tap()
    await page.getByRole('menuitem', { name: '삭제' }).tap()
    await page.getByRole('alertdialog').getByRole('button', { name: '삭제' }).tap()
    await phone.message('삭제된 메시지입니다').waitFor()
    await page.getByRole('link', { name: '뒤로' }).click()
    await phone.row('카페 온도').waitFor()
  })

  test('shows notifications with their own count, and reads them', async () => {
    const minjun = await open('김민준', { theme: 'dark', language: 'en' })
    const bell = minjun.page.getByTestId('notifications-badge').locator('[data-badge]')
    await bell.waitFor()
    await minjun.page.getByRole('button', { name: 'Notifications' }).click()
    await minjun.page.getByText('한빛 식당이 지원서를 봤습니다').waitFor()
    await minjun.keepScreenshot('notifications-dark-en')
    await minjun.page.getByRole('button', { name: 'Mark all as read' }).click()
    await bell.waitFor({ state: 'detached' })
  })
})
