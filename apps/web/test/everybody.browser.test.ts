import { LIMITS } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { ATTACKS } from '../test-support/attacks.ts'
import { demoPerson } from '../test-support/demo-person.ts'
import { testWindows } from '../test-support/test-windows.ts'
import { violations } from '../test-support/violations.ts'
import { shiftsOf, watchShifts } from '../test-support/watch-shifts.ts'

const soon = { timeout: 20_000 }

const windows = testWindows()
const { open, openAt } = windows

describe.each(['light', 'dark'] as const)(
  'everybody can use all parts (%s)',
  { timeout: 90_000 },
  (theme) => {
    test('the design page', async () => {
      const design = await openAt('/design', { theme, language: 'en' })
      await design.page.getByRole('heading', { name: /design/ }).waitFor()
      expect(await design.page.evaluate(() => document.documentElement.scrollWidth)).toBe(1_280)
      await design.keepWholePage(`design-${theme}`)
      expect(await violations(design)).toEqual([])
      // Where the system asks for rest, nothing moves.
      const moving = () => design.page.evaluate(() => document.getAnimations().length)
      expect(await moving()).toBeGreaterThan(0)
      await design.page.emulateMedia({ reducedMotion: 'reduce' })
      await expect.poll(moving, soon).toBe(0)
    })

    test('what comes up while one reads and writes', async () => {
      const window = await open('김민준', { theme })
      const { page } = window
      const look = async (what: string) => {
        expect(await violations(window), what).toEqual([])
        await window.keepScreenshot(`everybody-${what}-${theme}-ko`)
      }
      const field = page.getByRole('textbox', { name: '메시지 쓰기' })
      await window.openRoom('한빛 식당')
      await (await window.toolOf('내일 면접', '공감 남기기')).click()
      await page.getByRole('button', { name: '🙏', exact: true }).waitFor()
      await look('reacting')
      await page.keyboard.press('Escape')
      await (await window.toolOf('내일 면접', '답장')).click()
      await page.getByText('한빛 식당 님에게 답장').waitFor()
      await look('answering')
      await page.keyboard.press('Escape')
      await field.fill('가'.repeat(LIMITS.messageChars + 1))
      await page.getByRole('alert').waitFor()
      await look('too-long')
      const text = `고칠 말입니다, ${theme}`
      await window.say(text)
      await window.choose(text, '삭제')
      await page.getByRole('alertdialog').waitFor()
      await look('delete')
      await page.keyboard.press('Escape')
      await page.getByRole('alertdialog').waitFor({ state: 'detached' })
      await window.choose(text, '수정')
      await page.getByRole('button', { name: '수정 취소' }).waitFor()
      await look('editing')
      await page.getByRole('button', { name: '수정 취소' }).click()
      await page.context().setOffline(true)
      await page.getByText('보낸 메시지는 연결되면 차례대로 나갑니다.').waitFor()
      await look('offline')
    })
  },
)

describe.each([360, 768, 1_440])('at %i pixels', { timeout: 60_000 }, (width) => {
  test('nothing is wider than the screen, and nothing moves while it loads', async () => {
    const window = await openAt('/', { width, height: 800, language: 'en' })
    await watchShifts(window.page)
    await window.continueAs('이서연')
    await window.page.reload()
    await window.rows.first().waitFor()
    await window.openRoom('카페 온도')
    await window.page.getByRole('list', { name: 'Messages' }).getByRole('listitem').first().waitFor()
    await window.keepScreenshot(`room-${width}-light-en`)
    expect(await window.page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
    // A face that comes too late on a busy machine moves things by a glyph's width: that is tested by itself.
    expect((await shiftsOf(window.page)).filter(({ value }) => value >= 0.001)).toEqual([])
  })
})

describe('text is text', { timeout: 90_000 }, () => {
  test('in messages, answers, rows, search, reports, drafts and notices, whatever it says', async () => {
    const [minjun, hanbit] = await Promise.all([
      demoPerson(windows.url, '김민준'),
      demoPerson(windows.url, '한빛 식당'),
    ])
    const roomId = await hanbit.roomWith('김민준')
    const window = await open('김민준')
    for (const text of ATTACKS) await hanbit.send(roomId, text)
    await window.openRoom('한빛 식당')
    for (const text of ATTACKS) {
      await hanbit.send(roomId, text)
      const said = window.page.getByRole('list', { name: '메시지' }).locator('p').filter({ hasText: text })
      await expect.poll(() => said.last().textContent(), soon).toBe(text.trim())
      // The row of the list has it beside the number.
      await expect
        .poll(async () => (await window.row('한빛 식당').textContent())?.includes(text.trim()), soon)
        .toBe(true)
    }
    await window.keepScreenshot('attacks-room-light-ko')
    const [script = ''] = ATTACKS
    await window.choose(script, '신고하기')
    await window.page.getByRole('blockquote').filter({ hasText: script }).waitFor()
    await window.keepScreenshot('attacks-report-light-ko')
    await window.page.keyboard.press('Escape')
    await (await window.toolOf(script, '답장')).click()
    await window.say(ATTACKS[1] ?? '')
    await window.page.getByRole('textbox', { name: '메시지 쓰기' }).fill(ATTACKS[2] ?? '')
    await window.page.getByRole('textbox', { name: '이름, 메시지 검색' }).fill('<script>')
    await window.page.locator('mark', { hasText: '<script>' }).first().waitFor()
    await window.keepScreenshot('attacks-search-light-ko')
    await minjun.send(roomId, 'over')
    expect(await window.page.title()).not.toContain('gone')
    // Nothing of it became an element: no picture, no frame, no link out, no script but the page's own.
    expect(await window.page.locator('img, iframe, svg a, [onerror], [onload]').count()).toBe(0)
    expect(await window.page.locator('a:not([href^="/"])').count()).toBe(0)
    expect(await window.page.locator('script:not([src])').count()).toBe(0)
  })

  test('in the names of people, of rooms and of files', async () => {
    const name = `<b>이름</b> {{name}} \u202Eabc`
    const sneaky = await demoPerson(windows.url, name, { userId: 'sneaky', userType: 'job_seeker' })
    const hanbitId = (await demoPerson(windows.url, '한빛 식당')).id
    const roomId = await sneaky.makeGroup(`<i>방</i> javascript:alert(1)`, [hanbitId])
    const direct = await sneaky.makeDirect(hanbitId)
    await sneaky.send(roomId, '안녕하세요')
    await sneaky.send(direct, '안녕하세요')
    const window = await open('한빛 식당', { theme: 'dark' })
    await window.row('<i>방</i> javascript:alert(1)').waitFor()
    await window.openRoom(name)
    await window.page
      .locator('input[type=file]')
      .setInputFiles([{ name: `<b>file<b>.txt`, mimeType: 'text/plain', buffer: Buffer.from('x') }])
    await expect.poll(() => window.page.locator('[data-upload=ready]').count(), soon).toBe(1)
    await window.page.keyboard.press('Enter')
    await window.page.getByRole('button', { name: /<b>file<b>\.txt/ }).waitFor()
    await window.keepScreenshot('attacks-names-dark-ko')
    expect(await window.page.locator('main b, main i, nav b, nav i').count()).toBe(0)
  })
})
